import { hashStep, mix } from "./hash.ts";
import { boundary, maxCharacters } from "./text-codes.ts";

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

/** The kinds of n-grams, as `Grams.kinds` holds them. */
export const word = 0;
export const prefix = 1;
export const char = 2;
export const pair = 3;

/** The n-grams of one text in its order, repeated ones too. The arrays belong to the reader and change with its next call. */
export interface Grams {
  /** Hash of each. */
  readonly hashes: Int32Array;
  readonly kinds: Uint8Array;
  /** Where in the codes each begins and ends; a pair ends with its second word, whole. */
  readonly starts: Uint16Array;
  readonly ends: Uint16Array;
}

export interface GramReader {
  readonly grams: Grams;
  /**
   * Reads a folded text into `grams`.
   * @param codes from `readTextCodes`, `length` units of it
   * @returns how many n-grams it has
   */
  read(codes: Uint16Array, length: number): number;
  /** Most n-grams a text can have. */
  readonly most: number;
}

/** One reader serves one thread: its buffers are reused from call to call. */
export function createGramReader(spec: FeatureSpec): GramReader {
  const { charMin, charMax, prefixMin, prefixMax, pairLetters } = spec;
  const most = (maxCharacters + 4) * (charMax - charMin + 1 + Math.max(0, prefixMax - prefixMin + 1) + 2);
  const hashes = new Int32Array(most);
  const kinds = new Uint8Array(most);
  const starts = new Uint16Array(most);
  const ends = new Uint16Array(most);
  const seedOf = (kind: number): number => mix(spec.seed + Math.imul(kind + 1, 0x9e3779b1));
  const seeds = { word: seedOf(word), prefix: seedOf(prefix), char: seedOf(char), pair: seedOf(pair) };

  function put(at: number, hash: number, kind: number, start: number, end: number): void {
    hashes[at] = mix(hash);
    kinds[at] = kind;
    starts[at] = start;
    ends[at] = end;
  }

  /** N-grams inside one word and its boundaries, " kredi ": those at its edges are others than those further in. @returns the new count */
  function addChars(codes: Uint16Array, start: number, end: number, before: number): number {
    let count = before;
    for (let from = start - 1; from + charMin <= end + 1; from++) {
      let hash = seeds.char;
      const last = Math.min(from + charMax, end + 1);
      for (let at = from; at < last; at++) {
        hash = hashStep(hash, codes[at] as number);
        if (at + 1 - from >= charMin) put(count++, hash, char, from, at + 1);
      }
    }
    return count;
  }

  return {
    grams: { hashes, kinds, starts, ends },
    most,
    // Each hash grows letter by letter: one step per n-gram.
    read(codes, length) {
      let count = 0;
      let previousStart = -1;
      let previousHash = 0;
      for (let start = 1; start < length; ) {
        let end = start;
        let hash = seeds.prefix;
        let cut = hash;
        for (; codes[end] !== boundary; end++) {
          hash = hashStep(hash, codes[end] as number);
          const letters = end + 1 - start;
          if (letters <= pairLetters) cut = hash;
          if (letters >= prefixMin && letters <= prefixMax && codes[end + 1] !== boundary)
            put(count++, hash, prefix, start, end + 1);
        }
        put(count++, hash ^ seeds.word, word, start, end);
        count = addChars(codes, start, end, count);
        if (previousStart >= 0)
          put(count++, hashStep(previousHash, boundary) ^ mix(cut ^ seeds.pair), pair, previousStart, end);
        previousStart = start;
        previousHash = cut;
        start = end + 1;
      }
      return count;
    },
  };
}
