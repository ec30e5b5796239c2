import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import { firstFault } from "../foundation/index.ts";
import { RouterWeightsError } from "./errors.ts";
import { hashStart, hashStep } from "./hash.ts";
import { boundary } from "./text-codes.ts";
import { createVocabulary } from "./vocabulary.ts";

export const stemsHeaderFile = "stems.json";
export const stemsTableFile = "stems.bin";

/** What `training/sektor_training/stem_vectors.py` writes beside the vectors; further fields (sources, licences) are for people. */
const StemsHeader = Type.Object({
  schema: Type.Literal("sektor-stems-1"),
  stems: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  dimensions: Type.Integer({ minimum: 1, maximum: 1024 }),
  stemLetters: Type.Integer({ minimum: 2, maximum: 16 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});

/** Word beginnings as directions: those that keep the same company in running text lie close. Plain data, can be sent to a worker. */
export interface StemVectors {
  readonly dimensions: number;
  /** Letters a word is cut to. */
  readonly stemLetters: number;
  readonly sha256: string;
  /** [stems] */
  readonly hashes: Int32Array;
  /** [stems] what one unit of `rows` is worth. */
  readonly scale: Float32Array;
  /** [stems × dimensions] row-major, rarity included. */
  readonly rows: Int8Array;
}

/** @throws {RouterWeightsError} not a header of stem vectors, another schema, or bytes that are not the ones it describes */
export function decodeStemVectors(headerText: string, bytes: Uint8Array): StemVectors {
  const { stems, dimensions, stemLetters, sha256 } = readHeader(headerText);
  const expected = stems * (8 + dimensions);
  if (bytes.length !== expected)
    throw new RouterWeightsError(`${stemsTableFile} has ${bytes.length} bytes, its header describes ${expected}.`);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw new RouterWeightsError(`${stemsTableFile} is not the file its header describes.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scale = Float32Array.from({ length: stems }, (_, row) => view.getFloat32((stems + row) * 4, true));
  if (!scale.every(Number.isFinite))
    throw new RouterWeightsError(`${stemsTableFile} holds numbers that are not finite.`);
  return {
    dimensions,
    stemLetters,
    sha256,
    hashes: Int32Array.from({ length: stems }, (_, row) => view.getInt32(row * 4, true)),
    scale,
    rows: new Int8Array(bytes.subarray(stems * 8)),
  };
}

function readHeader(text: string): Static<typeof StemsHeader> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new RouterWeightsError(`${stemsHeaderFile} is not JSON.`, cause);
  }
  const fault = firstFault(StemsHeader, header);
  if (fault !== undefined) throw new RouterWeightsError(`${stemsHeaderFile}${fault.instancePath}: ${fault.message}.`);
  return header as Static<typeof StemsHeader>;
}

export interface StemReader {
  readonly dimensions: number;
  /**
   * The direction of a folded text: the sum of its stems, each counted once, brought to length 1.
   * @param codes from `readTextCodes`, `length` units of it
   * @param out [dimensions], overwritten; all 0 where the answer is false
   * @returns whether any stem is known
   */
  read(codes: Uint16Array, length: number, out: Float32Array): boolean;
}

/** One reader serves one thread: its buffers are reused from call to call. */
export function createStemReader({ dimensions, stemLetters, hashes, scale, rows }: StemVectors): StemReader {
  const known = createVocabulary(hashes);
  const stampOf = new Int32Array(hashes.length);
  let stamp = 0;

  // The rows of the text's stems.
  const found = new Int32Array(hashes.length);

  /** The first `count` found rows added up. Every step is rounded to 32 bits: the weights were trained on such sums. */
  function sum(count: number, out: Float32Array): void {
    let d = 0;
    // Four dimensions at a time: their sums stay in registers while the rows go by.
    for (; d + 4 <= dimensions; d += 4) {
      let first = 0;
      let second = 0;
      let third = 0;
      let fourth = 0;
      for (let at = 0; at < count; at++) {
        const row = found[at] as number;
        const unit = scale[row] as number;
        const cell = row * dimensions + d;
        first = Math.fround(first + (rows[cell] as number) * unit);
        second = Math.fround(second + (rows[cell + 1] as number) * unit);
        third = Math.fround(third + (rows[cell + 2] as number) * unit);
        fourth = Math.fround(fourth + (rows[cell + 3] as number) * unit);
      }
      out[d] = first;
      out[d + 1] = second;
      out[d + 2] = third;
      out[d + 3] = fourth;
    }
    for (; d < dimensions; d++) {
      let only = 0;
      for (let at = 0; at < count; at++) {
        const row = found[at] as number;
        only = Math.fround(only + (rows[row * dimensions + d] as number) * (scale[row] as number));
      }
      out[d] = only;
    }
  }

  return {
    dimensions,
    read(codes, length, out) {
      let count = 0;
      if (stamp === 0x7fffffff) {
        stampOf.fill(0);
        stamp = 0;
      }
      stamp++;
      for (let start = 1; start < length; ) {
        let end = start;
        let hash = hashStart;
        let plain = true;
        for (; codes[end] !== boundary; end++) {
          if (end - start >= stemLetters) continue;
          const unit = codes[end] as number;
          plain &&= unit >= 97 && unit <= 122;
          hash = hashStep(hash, unit);
        }
        const row = plain && end - start > 1 ? known.rowOf(hash) : -1;
        if (row >= 0 && stampOf[row] !== stamp) {
          stampOf[row] = stamp;
          found[count++] = row;
        }
        start = end + 1;
      }
      sum(count, out);
      let squares = 0;
      for (let d = 0; d < dimensions; d++) squares += (out[d] as number) ** 2;
      if (squares === 0) return false;
      const norm = 1 / Math.sqrt(squares);
      for (let d = 0; d < dimensions; d++) out[d] = (out[d] as number) * norm;
      return true;
    },
  };
}
