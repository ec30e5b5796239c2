import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import { firstFault } from "../foundation/index.ts";
import { RouterWeightsError } from "./errors.ts";
import type { StemVectors } from "./stem-vectors.ts";

/** The class of messages no sector answers. */
export const outOfScopeClass = "out_of_scope";
/** The class of messages that mean nothing without what came before: "peki ne kadar sürer?". */
export const followUpClass = "follow_up";

export const headerFile = "router.json";
export const tableFile = "router.bin";

/** 2: a dense block of stem vectors besides the n-grams. */
export const routerSchema = "sektor-router-2";

const closed = { additionalProperties: false };
const share = Type.Number({ minimum: 0, maximum: 1 });
const hexSha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const positive = Type.Number({ exclusiveMinimum: 0 });

/** What is known about the weights besides the weights. No date, no machine: training again with the same data gives the same bytes. */
export const RouterHeader = Type.Object(
  {
    schema: Type.Literal(routerSchema),
    /** Sectors in the order of the table's columns, then out_of_scope and follow_up. */
    classes: Type.Array(Type.String({ minLength: 1 }), { minItems: 3, maxItems: 1024, uniqueItems: true }),
    features: Type.Object(
      {
        seed: Type.Integer(),
        charMin: Type.Integer({ minimum: 1, maximum: 16 }),
        charMax: Type.Integer({ minimum: 1, maximum: 16 }),
        prefixMin: Type.Integer({ minimum: 1, maximum: 32 }),
        prefixMax: Type.Integer({ minimum: 1, maximum: 32 }),
        pairLetters: Type.Integer({ minimum: 1, maximum: 32 }),
        weights: Type.Object({ word: positive, prefix: positive, char: positive, pair: positive }, closed),
      },
      closed,
    ),
    /** The stem vectors the weights were trained with; null: none. A text's direction, less the mean one, counts `loudness` against its n-grams' 1. */
    stems: Type.Union([
      Type.Null(),
      Type.Object(
        { sha256: hexSha256, dimensions: Type.Integer({ minimum: 1, maximum: 1024 }), loudness: positive },
        closed,
      ),
    ]),
    /** Logits are divided by it: above 1 less sure, below 1 more. */
    temperature: positive,
    /** Without a conversation the router abstains when out_of_scope and follow_up together reach `reject`, or the best sector stays below `confidence`. */
    thresholds: Type.Object({ reject: share, confidence: share }, closed),
    conversation: Type.Object(
      {
        /** How many times more probable the conversation's sector is than by the text alone, right after its turn; ≥ 1. */
        stay: Type.Number({ minimum: 1 }),
        /** What each further turn leaves of that. */
        decay: share,
        /** Part of the stay that follows what the earlier utterances said instead of the sector alone. */
        memory: share,
        /** Another sector takes over from this posterior probability on. */
        switch: share,
      },
      closed,
    ),
    rows: Type.Integer({ minimum: 1, maximum: 4_000_000 }),
    tableSha256: hexSha256,
    training: Type.Object({
      sha256: Type.String(),
      messages: Type.Integer(),
      outOfScope: Type.Integer(),
      dialogues: Type.Integer(),
      conversations: Type.Integer(),
      sentences: Type.Integer(),
      terms: Type.Integer(),
      figures: Type.Record(Type.String(), Type.Number()),
    }),
  },
  closed,
);
export type RouterHeader = Static<typeof RouterHeader>;

/** A trained router: the header and the table it describes, K = header.classes.length. */
export interface RouterWeights {
  readonly header: RouterHeader;
  /** [rows] hash of each n-gram, the commonest first: what most messages touch lies close together in the caches. */
  readonly hashes: Int32Array;
  /** [rows] rarity, multiplies a feature before normalisation. */
  readonly rarity: Float32Array;
  /** [rows] what one unit of `table` is worth in that row. */
  readonly scale: Float32Array;
  /** [rows × K] row-major. */
  readonly table: Int8Array;
  /** [K] */
  readonly bias: Float32Array;
  /** Both empty without stem vectors. */
  readonly dense: DenseWeights;
  readonly stems: StemVectors | undefined;
}

/** D = dimensions of the stem vectors. */
export interface DenseWeights {
  /** [D] of the training texts; taken off every text's direction. */
  readonly mean: Float32Array;
  /** [D × K] row-major. */
  readonly table: Float32Array;
}

/** Rarity is kept in sixteenths, scale as a power of 2 in eighths: one byte each. */
const rarityStep = 1 / 16;
const scaleOf = (byte: number): number => 2 ** ((byte - 192) / 8);

/** Brings real weights to a byte each, with one scale a row: a rare n-gram's small weights keep their seven bits. */
export function quantise(
  weights: {
    readonly hashes: Int32Array;
    readonly rarity: Float32Array;
    readonly table: Float32Array;
    readonly bias: Float32Array;
    readonly dense: DenseWeights;
  },
  header: Omit<RouterHeader, "rows" | "tableSha256">,
  stems?: StemVectors,
): RouterWeights {
  const rows = weights.hashes.length;
  const classes = header.classes.length;
  const quantised = {
    hashes: weights.hashes,
    rarity: weights.rarity.map((rarity) => Math.min(255, Math.max(1, Math.round(rarity / rarityStep))) * rarityStep),
    scale: new Float32Array(rows),
    table: new Int8Array(rows * classes),
    bias: weights.bias,
    dense: weights.dense,
    stems,
  };
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    let largest = 0;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, Math.abs(weights.table[from + c] as number));
    const exponent = Math.min(255, Math.max(0, Math.ceil(8 * Math.log2(Math.max(largest, 1e-9) / 127)) + 192));
    const scale = scaleOf(exponent);
    quantised.scale[row] = scale;
    for (let c = 0; c < classes; c++)
      quantised.table[from + c] = Math.round((weights.table[from + c] as number) / scale);
  }
  const bytes = encodeTable(quantised);
  // Weights that were fitted without directions need no stem vectors, whatever the header they come with says.
  const used = weights.dense.table.length === 0 ? null : header.stems;
  return { header: { ...header, stems: used, rows, tableSha256: sha256(bytes) }, ...quantised };
}

/**
 * The two files of a trained router; the stem vectors are files of their own. Little-endian: [rows] hash i32, [K] bias f32,
 * [D] mean f32, [D × K] dense weight f32, [rows] rarity u8, [rows] scale u8, [rows × K] weight i8.
 */
export function encodeWeights(weights: RouterWeights): {
  readonly [headerFile]: string;
  readonly [tableFile]: Uint8Array;
} {
  return { [headerFile]: `${JSON.stringify(weights.header, null, 2)}\n`, [tableFile]: encodeTable(weights) };
}

/** @throws {RouterWeightsError} not a router header, another schema, bytes that are not the ones the header describes, or other stem vectors */
export function decodeWeights(headerText: string, bytes: Uint8Array, stems?: StemVectors): RouterWeights {
  const header = readHeader(headerText);
  if (header.stems !== null && stems === undefined)
    throw new RouterWeightsError(`${headerFile} was trained with stem vectors, and none are at hand.`);
  if (header.stems !== null && (stems?.sha256 !== header.stems.sha256 || stems.dimensions !== header.stems.dimensions))
    throw new RouterWeightsError(`${headerFile} was trained with other stem vectors than those at hand.`);
  const classes = header.classes.length;
  const dimensions = header.stems?.dimensions ?? 0;
  const { rows } = header;
  const floats = classes + dimensions * (1 + classes);
  const expected = rows * (4 + 1 + 1 + classes) + floats * 4;
  if (bytes.length !== expected) {
    throw new RouterWeightsError(`${tableFile} has ${bytes.length} bytes, its header describes ${expected}.`);
  }
  if (sha256(bytes) !== header.tableSha256)
    throw new RouterWeightsError(`${tableFile} is not the file its header describes.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const real = Float32Array.from({ length: floats }, (_, at) => view.getFloat32((rows + at) * 4, true));
  if (!real.every(Number.isFinite)) throw new RouterWeightsError(`${tableFile} holds numbers that are not finite.`);
  const bytesAt = (rows + floats) * 4;
  return {
    header,
    hashes: Int32Array.from({ length: rows }, (_, row) => view.getInt32(row * 4, true)),
    bias: real.slice(0, classes),
    dense: { mean: real.slice(classes, classes + dimensions), table: real.slice(classes + dimensions) },
    rarity: Float32Array.from(bytes.subarray(bytesAt, bytesAt + rows), (byte) => byte * rarityStep),
    scale: Float32Array.from(bytes.subarray(bytesAt + rows, bytesAt + rows * 2), scaleOf),
    table: new Int8Array(bytes.subarray(bytesAt + rows * 2)),
    stems: header.stems === null ? undefined : stems,
  };
}

function readHeader(text: string): RouterHeader {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new RouterWeightsError(`${headerFile} is not JSON.`, cause);
  }
  const schema = (header as { schema?: unknown } | null)?.schema;
  if (typeof schema === "string" && schema !== routerSchema) {
    throw new RouterWeightsError(
      `${headerFile} has the schema ${schema}, this build reads ${routerSchema}; npm run router:train writes it.`,
    );
  }
  const fault = firstFault(RouterHeader, header);
  if (fault !== undefined) throw new RouterWeightsError(`${headerFile}${fault.instancePath}: ${fault.message}.`);
  const checked = header as RouterHeader;
  const last = checked.classes.slice(-2);
  if (last[0] !== outOfScopeClass || last[1] !== followUpClass) {
    throw new RouterWeightsError(
      `${headerFile}: the last two classes must be ${outOfScopeClass} and ${followUpClass}.`,
    );
  }
  const { charMin, charMax } = checked.features;
  if (charMin > charMax) throw new RouterWeightsError(`${headerFile}/features: charMin is above charMax.`);
  return checked;
}

function encodeTable(weights: Omit<RouterWeights, "header">): Uint8Array {
  const rows = weights.hashes.length;
  const classes = weights.bias.length;
  const real = [weights.bias, weights.dense.mean, weights.dense.table];
  const floats = real.reduce((sum, numbers) => sum + numbers.length, 0);
  const bytes = new Uint8Array(rows * (6 + classes) + floats * 4);
  const view = new DataView(bytes.buffer);
  for (let row = 0; row < rows; row++) view.setInt32(row * 4, weights.hashes[row] as number, true);
  let at = rows * 4;
  for (const numbers of real) for (const number of numbers) at += setFloat(view, at, number);
  const bytesAt = at;
  for (let row = 0; row < rows; row++) {
    bytes[bytesAt + row] = Math.round((weights.rarity[row] as number) / rarityStep);
    bytes[bytesAt + rows + row] = Math.round(8 * Math.log2(weights.scale[row] as number)) + 192;
  }
  bytes.set(new Uint8Array(weights.table.buffer, weights.table.byteOffset, weights.table.length), bytesAt + rows * 2);
  return bytes;
}

/** @returns bytes written */
function setFloat(view: DataView, at: number, number: number): number {
  view.setFloat32(at, number, true);
  return 4;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
