import { boundary, maxCharacters, readTextCodes } from "./text-codes.ts";

/** Which n-grams are read and how they are hashed. Stored with the weights: both sides must agree on every field. */
export interface FeatureSpec {
  /** Rows of the weight table. */
  readonly buckets: number;
  readonly seed: number;
  /** Letters inside one word, its boundaries included as letters. */
  readonly charMin: number;
  readonly charMax: number;
  /** Lengths of the word beginnings read besides: Turkish puts the stem first. */
  readonly prefixMin: number;
  readonly prefixMax: number;
  /** Letters each word of a pair is cut to; 0: no pairs. */
  readonly pairLetters: number;
  /** How loud each kind is before the text's vector is brought to length 1. */
  readonly weights: { readonly word: number; readonly prefix: number; readonly char: number; readonly pair: number };
}

export type FeatureKind = "word" | "prefix" | "char" | "pair";
const kinds: readonly FeatureKind[] = ["word", "prefix", "char", "pair"];
const word = 0;
const prefix = 1;
const char = 2;
const pair = 3;

/** One text as a sparse vector. The arrays belong to the extractor and change with its next call. */
export interface FeatureVector {
  count: number;
  /** Row of each feature, no row twice. */
  readonly rows: Int32Array;
  /** Sublinear term frequency times the kind's weight, > 0; not yet normalised. */
  readonly values: Float32Array;
}

export interface FeatureExtractor {
  extract(text: string): FeatureVector;
  /** The same n-grams by name, each name once; for explanations, so it may allocate. */
  name(text: string): readonly { readonly kind: FeatureKind; readonly row: number; readonly feature: string }[];
}

type Visit = (row: number, kind: number, start: number, end: number, second: number) => void;

/** 1 + ln(n): the tenth mention says less than the first. */
const sublinear = Float32Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/** One extractor serves one thread: its buffers are reused from call to call. */
export function createFeatureExtractor(spec: FeatureSpec): FeatureExtractor {
  const codes = new Uint16Array(maxCharacters + 4);
  const perLetter = spec.charMax - spec.charMin + 1 + (spec.prefixMax - spec.prefixMin + 1) + 2;
  const capacity = Math.min(spec.buckets, maxCharacters * perLetter);
  const vector: FeatureVector = { count: 0, rows: new Int32Array(capacity), values: new Float32Array(capacity) };
  const loudness = Float32Array.of(spec.weights.word, spec.weights.prefix, spec.weights.char, spec.weights.pair);
  const seeds = kinds.map((_, kind) => mix(spec.seed + Math.imul(kind + 1, 0x9e3779b1)));
  const seedOf = Int32Array.from(seeds);
  // Where a row stands in the vector; valid when its stamp is the current text's.
  const place = new Int32Array(spec.buckets);
  const stampOf = new Int32Array(spec.buckets);
  const times = new Uint8Array(capacity);
  let stamp = 0;

  const rowOf = (hash: number): number => (mix(hash) >>> 0) % spec.buckets;

  /** Every n-gram of the words in `codes`, in the order of the text. FNV-1a grown letter by letter, so each costs one step. */
  function visitAll(length: number, visit: Visit): void {
    let previousStart = -1;
    let previousHash = 0;
    for (let start = 1; start < length; ) {
      let end = start;
      while (codes[end] !== boundary) end++;
      let hash = seedOf[prefix] as number;
      let pairHash = seedOf[pair] as number;
      for (let at = start; at < end; at++) {
        hash = step(hash, codes[at] as number);
        const letters = at + 1 - start;
        if (letters === spec.pairLetters) pairHash = hash;
        if (letters >= spec.prefixMin && letters <= spec.prefixMax && at + 1 < end) visit(rowOf(hash), prefix, start, at + 1, 0);
      }
      if (end - start < spec.pairLetters) pairHash = hash;
      visit(rowOf(hash ^ (seedOf[word] as number)), word, start, end, 0);
      // A word and its boundaries, " kredi ": the n-grams at its edges are others than those inside.
      for (let from = start - 1; from + spec.charMin <= end + 1; from++) {
        let gram = seedOf[char] as number;
        const last = Math.min(from + spec.charMax, end + 1);
        for (let at = from; at < last; at++) {
          gram = step(gram, codes[at] as number);
          if (at + 1 - from >= spec.charMin) visit(rowOf(gram), char, from, at + 1, 0);
        }
      }
      if (spec.pairLetters > 0) {
        if (previousStart >= 0) visit(rowOf(step(previousHash, boundary) ^ mix(pairHash)), pair, previousStart, start, end);
        previousStart = start;
        previousHash = pairHash;
      }
      start = end + 1;
    }
  }

  const { rows, values } = vector;
  const collect: Visit = (row, kind) => {
    if (stampOf[row] === stamp) {
      const at = place[row] as number;
      if ((times[at] as number) < 255) times[at] = (times[at] as number) + 1;
      return;
    }
    stampOf[row] = stamp;
    const at = vector.count++;
    place[row] = at;
    rows[at] = row;
    values[at] = loudness[kind] as number;
    times[at] = 1;
  };

  return {
    extract(text) {
      if (stamp === 0x7fffffff) {
        stampOf.fill(0);
        stamp = 0;
      }
      stamp++;
      vector.count = 0;
      visitAll(readTextCodes(text, codes), collect);
      for (let at = 0; at < vector.count; at++) {
        values[at] = (values[at] as number) * (sublinear[times[at] as number] as number);
      }
      return vector;
    },
    name(text) {
      const named = new Map<string, { kind: FeatureKind; row: number; feature: string }>();
      const letters = (from: number, to: number) => String.fromCharCode(...codes.subarray(from, to)).trim();
      visitAll(readTextCodes(text, codes), (row, kind, start, end, second) => {
        const kindName = kinds[kind] as FeatureKind;
        const feature =
          kind === pair
            ? `${letters(start, end)} ${letters(end, second)}`
            : `${kind === char && codes[start] !== boundary ? "…" : ""}${letters(start, end)}${
                kind === prefix || (kind === char && codes[end - 1] !== boundary) ? "…" : ""
              }`;
        named.set(`${kindName} ${feature}`, { kind: kindName, row, feature });
      });
      return [...named.values()];
    },
  };
}

/** One step of FNV-1a over a UTF-16 unit. http://www.isthe.com/chongo/tech/comp/fnv/ */
function step(hash: number, unit: number): number {
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
