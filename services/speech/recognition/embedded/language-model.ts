import { type Static, Type } from "typebox";
import { firstFault } from "../../../foundation/index.ts";

/** Letters an n-gram looks at, the one that is guessed included. */
const order = 6;
const bitsPerLetter = 5;
/** An n-gram's lowest three letters are its key within its bucket; the letters before them are the bucket. */
const keyBits = 15;
const wordBits = 30;
const wordKeyBits = 16;
/** A back-off weight may be above 1: its cost is stored this many steps higher. */
const backoffOffset = 64;

const Header = Type.Object({
  schema: Type.Literal("sektor-speech-lm-1"),
  /** Nats that one step of a stored cost is worth. */
  unit: Type.Number({ exclusiveMinimum: 0 }),
  /** N-grams of orders 4, 5 and 6. */
  entries: Type.Tuple([
    Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    Type.Integer({ minimum: 1, maximum: 10_000_000 }),
  ]),
  words: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
});

/** How likely Turkish goes on so: letters from the five before them, whole words by how often they are said. Costs are -ln p. */
export interface LanguageModel {
  /** The context before the first letter of a text. */
  readonly start: number;
  /** The context after one more letter. @param letter its number in tokens.txt, 1–30 */
  following(context: number, letter: number): number;
  /** Cost of a letter after a context. */
  letterCost(context: number, letter: number): number;
  /** Cost of a word among words; `undefined` for one it does not know. @param hash from `wordHash` */
  wordCost(hash: number): number | undefined;
}

export const emptyWordHash = 0x811c9dc5;

/** The hash of a word with one more letter (FNV-1a); begin with `emptyWordHash`. */
export function wordHash(hash: number, letter: number): number {
  return Math.imul(hash ^ letter, 0x01000193) >>> 0;
}

/** Sorted n-grams of one order, or words. */
interface Table {
  readonly buckets: Uint32Array;
  readonly keys: Uint16Array;
  readonly costs: Uint8Array;
}

/**
 * Reads the file that `training/speech/language_model.py` writes (its layout stands there). The bytes are kept, not copied where alignment allows.
 * @param spaceNumber the space's number in tokens.txt
 * @throws {TypeError} not such a file, or cut short
 */
export function readLanguageModel(bytes: Uint8Array, spaceNumber: number): LanguageModel {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { unit, entries, words, bodyAt } = readHeader(aligned);
  let at = bodyAt;
  function take(length: number): Uint8Array {
    if (at + length > aligned.length) throw new TypeError("The language model is cut short.");
    const block = aligned.subarray(at, at + length);
    at += length + (-length & 3);
    return block;
  }
  const u32 = (count: number) => {
    const block = take(count * 4);
    return new Uint32Array(block.buffer, block.byteOffset, count);
  };
  const u16 = (count: number) => {
    const block = take(count * 2);
    return new Uint16Array(block.buffer, block.byteOffset, count);
  };
  const table = (buckets: number, count: number): Table => ({
    buckets: u32(buckets + 1),
    keys: u16(count),
    costs: take(count),
  });

  /** By order: [32^order × 2], cost and back-off. */
  const dense = [1, 2, 3].map((letters) => take(32 ** letters * 2));
  const sparse = entries.map((count, above) => {
    const grams = table(32 ** (above + 1), count);
    return { grams, backoffs: above + 4 < order ? take(count) : undefined };
  });
  const wordTable = table(1 << (wordBits - wordKeyBits), words);

  function findGram(letters: number, gram: number): number {
    const grams = (sparse[letters - 4] as (typeof sparse)[number]).grams;
    return find(grams, gram >>> keyBits, gram & ((1 << keyBits) - 1));
  }

  /** Steps by which guesses below a context of so many letters become dearer. */
  function backoff(letters: number, context: number): number {
    if (letters <= 3) return ((dense[letters - 1] as Uint8Array)[context * 2 + 1] as number) - backoffOffset;
    const found = findGram(letters, context);
    const backoffs = sparse[letters - 4]?.backoffs;
    return found < 0 || backoffs === undefined ? 0 : (backoffs[found] as number) - backoffOffset;
  }

  const contextMask = 2 ** (bitsPerLetter * (order - 1)) - 1;
  return {
    // Nothing was said yet: as after a space, and nothing is known of what was before it.
    start: Array.from({ length: order - 1 }).reduce<number>((code) => code * 32 + spaceNumber, 0),
    following: (context, letter) => ((context << bitsPerLetter) | letter) & contextMask,
    letterCost(context, letter) {
      let steps = 0;
      for (let letters = order; letters > 3; letters--) {
        const before = context & (2 ** (bitsPerLetter * (letters - 1)) - 1);
        const found = findGram(letters, (before << bitsPerLetter) | letter);
        if (found >= 0) {
          const costs = (sparse[letters - 4] as (typeof sparse)[number]).grams.costs;
          return (steps + (costs[found] as number)) * unit;
        }
        steps += backoff(letters - 1, before);
      }
      const gram = ((context & 0x3ff) << bitsPerLetter) | letter;
      return (steps + ((dense[2] as Uint8Array)[gram * 2] as number)) * unit;
    },
    wordCost(hash) {
      const code = hash >>> (32 - wordBits);
      const found = find(wordTable, code >>> wordKeyBits, code & 0xffff);
      return found < 0 ? undefined : (wordTable.costs[found] as number) * unit;
    },
  };
}

function readHeader(bytes: Uint8Array): Static<typeof Header> & { readonly bodyAt: number } {
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "SLM1")
    throw new TypeError("This is no language model.");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const bodyAt = 8 + length;
  if (bodyAt > bytes.length || length % 4 !== 0) throw new TypeError("The language model is cut short.");
  const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, bodyAt)));
  const fault = firstFault(Header, header);
  if (fault !== undefined) throw new TypeError(`The language model's header${fault.instancePath}: ${fault.message}.`);
  return { ...(header as Static<typeof Header>), bodyAt };
}

/** Place of a key in its bucket; -1 where it is not. */
function find({ buckets, keys }: Table, bucket: number, key: number): number {
  let low = buckets[bucket] as number;
  let high = (buckets[bucket + 1] as number) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = keys[middle] as number;
    if (there === key) return middle;
    if (there < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
