import { boundary, maxCharacters, readTextCodes } from "./text-codes.ts";

/** Which n-grams are read and how loud each kind is. Stored with the weights: training and live traffic share every field. */
export interface FeatureSpec {
  /** Seed of the hash. */
  readonly seed: number;
  /** Letters inside one word, its two boundaries counted as letters. */
  readonly charMin: number;
  readonly charMax: number;
  /** Lengths of the word beginnings read besides: Turkish puts the stem first. */
  readonly prefixMin: number;
  readonly prefixMax: number;
  /** Letters each word of a pair of neighbours is cut to. */
  readonly pairLetters: number;
  /** Before the text's vector is brought to length 1. */
  readonly weights: { readonly word: number; readonly prefix: number; readonly char: number; readonly pair: number };
}

const word = 0;
const prefix = 1;
const char = 2;
const pair = 3;
const kindCount = 4;

/** Known n-grams: 32-bit hash → row of the weight table, or -1. */
export interface RowLookup {
  readonly size: number;
  rowOf(hash: number): number;
}

/** One text as a sparse vector. The arrays belong to the extractor and change with its next call. */
export interface FeatureVector {
  count: number;
  /** No row twice. */
  readonly rows: Int32Array;
  /** Sublinear term frequency times the kind's weight, > 0; neither weighted by rarity nor normalised yet. */
  readonly values: Float32Array;
  /** The text as it was read, `length` units of it (text-codes.ts). */
  readonly codes: Uint16Array;
  length: number;
}

export interface FeatureReader {
  /** The known n-grams of a text. */
  extract(text: string, lookup: RowLookup): FeatureVector;
  /** The same n-grams by name, each name once. Allocates: for explanations, not for every message. */
  name(text: string): readonly { readonly hash: number; readonly feature: string }[];
}

/** `start` to `end` in the codes of the text; a pair goes on with the word from `end` to `second`. */
type Visit = (hash: number, kind: number, start: number, end: number, second: number) => void;

/** 1 + ln(n): the tenth mention says less than the first. */
const sublinear = Float32Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/** One reader serves one thread: its buffers are reused from call to call. */
export function createFeatureReader(spec: FeatureSpec): FeatureReader {
  const codes = new Uint16Array(maxCharacters + 4);
  const perLetter = spec.charMax - spec.charMin + 1 + Math.max(0, spec.prefixMax - spec.prefixMin + 1) + 2;
  const capacity = (maxCharacters + 4) * perLetter;
  const vector: FeatureVector = {
    count: 0,
    rows: new Int32Array(capacity),
    values: new Float32Array(capacity),
    codes,
    length: 0,
  };
  const times = new Uint8Array(capacity);
  const { rows, values } = vector;
  const loudness = Float32Array.of(spec.weights.word, spec.weights.prefix, spec.weights.char, spec.weights.pair);
  const seeds = Int32Array.from({ length: kindCount }, (_, kind) => mix(spec.seed + Math.imul(kind + 1, 0x9e3779b1)));
  // Where a row stands in the vector; valid while its stamp is the current text's.
  let place = new Int32Array(0);
  let stampOf = new Int32Array(0);
  let stamp = 0;
  let known: RowLookup = { size: 0, rowOf: () => -1 };

  /** Every n-gram of the words in `codes`, in the order of the text. Each hash grows letter by letter: one step per n-gram. */
  function visitAll(length: number, visit: Visit): void {
    let previousStart = -1;
    let previousHash = 0;
    for (let start = 1; start < length; ) {
      let end = start;
      while (codes[end] !== boundary) end++;
      let hash = seeds[prefix] as number;
      let cut = hash;
      for (let at = start; at < end; at++) {
        hash = hashStep(hash, codes[at] as number);
        const letters = at + 1 - start;
        if (letters <= spec.pairLetters) cut = hash;
        if (letters >= spec.prefixMin && letters <= spec.prefixMax && at + 1 < end)
          visit(mix(hash), prefix, start, at + 1, 0);
      }
      visit(mix(hash ^ (seeds[word] as number)), word, start, end, 0);
      // A word with its boundaries, " kredi ": the n-grams at its edges are others than those inside it.
      for (let from = start - 1; from + spec.charMin <= end + 1; from++) {
        let gram = seeds[char] as number;
        const last = Math.min(from + spec.charMax, end + 1);
        for (let at = from; at < last; at++) {
          gram = hashStep(gram, codes[at] as number);
          if (at + 1 - from >= spec.charMin) visit(mix(gram), char, from, at + 1, 0);
        }
      }
      if (previousStart >= 0)
        visit(
          mix(hashStep(previousHash, boundary) ^ mix(cut ^ (seeds[pair] as number))),
          pair,
          previousStart,
          start,
          end,
        );
      previousStart = start;
      previousHash = cut;
      start = end + 1;
    }
  }

  const collect: Visit = (hash, kind) => {
    const row = known.rowOf(hash);
    if (row < 0) return;
    if (stampOf[row] === stamp) {
      const at = place[row] as number;
      if ((times[at] as number) < 255) times[at] = (times[at] as number) + 1;
      return;
    }
    const at = vector.count++;
    stampOf[row] = stamp;
    place[row] = at;
    rows[at] = row;
    values[at] = loudness[kind] as number;
    times[at] = 1;
  };

  return {
    extract(text, lookup) {
      known = lookup;
      if (stampOf.length < lookup.size || stamp === 0x7fffffff) {
        place = new Int32Array(lookup.size);
        stampOf = new Int32Array(lookup.size);
        stamp = 0;
      }
      stamp++;
      vector.count = 0;
      vector.length = readTextCodes(text, codes);
      visitAll(vector.length, collect);
      for (let at = 0; at < vector.count; at++) {
        values[at] = (values[at] as number) * (sublinear[times[at] as number] as number);
      }
      return vector;
    },
    name(text) {
      const named = new Map<number, string>();
      const letters = (from: number, to: number) => String.fromCharCode(...codes.subarray(from, to)).trim();
      visitAll(readTextCodes(text, codes), (hash, kind, start, end, second) => {
        if (named.has(hash)) return;
        const before = kind === char && codes[start] !== boundary ? "…" : "";
        const after = kind === prefix || (kind === char && codes[end - 1] !== boundary) ? "…" : "";
        const rest = kind === pair ? ` ${letters(end, second)}` : "";
        named.set(hash, `${before}${letters(start, end)}${after}${rest}`);
      });
      return [...named].map(([hash, feature]) => ({ hash, feature }));
    },
  };
}

/** Where FNV-1a starts, as a signed number. */
export const hashStart = 0x811c9dc5 | 0;

/** One step of FNV-1a over a UTF-16 unit. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** MurmurHash3's finaliser: every input bit reaches every output bit, which FNV alone does not do for the low ones. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
