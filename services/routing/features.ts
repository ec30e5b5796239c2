import { char, createGramReader, type FeatureSpec, prefix } from "./grams.ts";
import { boundary, maxCharacters, readTextCodes } from "./text-codes.ts";

/** Known n-grams: 32-bit hash → row of the weight table, or -1. */
export interface RowLookup {
  /** Above every row of the next text. */
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
  /** Most rows a vector can have. */
  readonly most: number;
  /** The known n-grams of a text. */
  extract(text: string, lookup: RowLookup): FeatureVector;
  /** The same n-grams by name, each name once. Allocates: for explanations, not for every message. */
  name(text: string): readonly { readonly hash: number; readonly feature: string }[];
}

/** Mentions above this count no more. */
const mostTimes = 255;
/** 1 + ln(n): the tenth mention says less than the first. */
const sublinear = Float32Array.from({ length: mostTimes + 1 }, (_, times) => (times === 0 ? 0 : 1 + Math.log(times)));

/** One reader serves one thread: its buffers are reused from call to call. */
export function createFeatureReader(spec: FeatureSpec): FeatureReader {
  const { word, prefix: beginning, char: letters, pair } = spec.weights;
  const loudness = Float32Array.of(word, beginning, letters, pair);
  const codes = new Uint16Array(maxCharacters + 4);
  const { grams, most, read } = createGramReader(spec);
  const { hashes, kinds, starts, ends } = grams;
  const rows = new Int32Array(most);
  const values = new Float32Array(most);
  const times = new Uint16Array(most);
  const vector: FeatureVector = { count: 0, rows, values, codes, length: 0 };
  // Where a row stands in the vector, plus `base`. `base` grows by what each text added: what is below it is of an earlier text.
  let placeOf = new Int32Array(0);
  let base = 1;

  /** Brings the first `count` n-grams together by row. */
  function collect(count: number, lookup: RowLookup): number {
    let used = 0;
    for (let gram = 0; gram < count; gram++) {
      const row = lookup.rowOf(hashes[gram] as number);
      if (row < 0) continue;
      const at = (placeOf[row] as number) - base;
      if (at >= 0) {
        times[at] = (times[at] as number) + 1;
        continue;
      }
      placeOf[row] = base + used;
      rows[used] = row;
      values[used] = loudness[kinds[gram] as number] as number;
      times[used++] = 1;
    }
    base += used;
    for (let at = 0; at < used; at++)
      values[at] = (values[at] as number) * (sublinear[Math.min(times[at] as number, mostTimes)] as number);
    return used;
  }

  return {
    most,
    extract(text, lookup) {
      if (placeOf.length < lookup.size || base > 0x7fffffff - most) {
        placeOf = new Int32Array(lookup.size);
        base = 1;
      }
      vector.length = readTextCodes(text, codes);
      vector.count = collect(read(codes, vector.length), lookup);
      return vector;
    },
    name(text) {
      const named = new Map<number, string>();
      const count = read(codes, readTextCodes(text, codes));
      for (let gram = 0; gram < count; gram++) {
        const hash = hashes[gram] as number;
        if (named.has(hash)) continue;
        const kind = kinds[gram];
        const start = starts[gram] as number;
        const end = ends[gram] as number;
        const before = kind === char && codes[start] !== boundary ? "…" : "";
        const after = kind === prefix || (kind === char && codes[end - 1] !== boundary) ? "…" : "";
        named.set(hash, `${before}${String.fromCharCode(...codes.subarray(start, end)).trim()}${after}`);
      }
      return [...named].map(([hash, feature]) => ({ hash, feature }));
    },
  };
}
