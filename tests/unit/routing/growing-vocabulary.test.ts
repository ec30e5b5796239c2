import { describe, expect, it } from "vitest";
import { mix } from "../../../services/routing/hash.ts";
import { createGrowingVocabulary } from "../../../services/routing/training/growing-vocabulary.ts";
import { createVocabulary } from "../../../services/routing/vocabulary.ts";

/** Enough for it to grow; 0 and negative numbers among them. */
const hashes = Int32Array.from({ length: 400_000 }, (_, at) => mix(at));

describe("a vocabulary that grows", () => {
  it("gives every hash one row, in the order of first mention, before and after it has grown", () => {
    const vocabulary = createGrowingVocabulary();
    const before = vocabulary.size;
    expect(hashes.every((hash, row) => vocabulary.rowOf(hash) === row)).toBe(true);
    expect(vocabulary.size).toBeGreaterThan(before);
    expect(hashes.every((hash, row) => vocabulary.rowOf(hash) === row)).toBe(true);
    const kept = vocabulary.hashes();
    expect(kept).toHaveLength(hashes.length);
    expect(kept.every((hash, row) => hash === hashes[row])).toBe(true);
  });

  it("leaves the rows of the largest text below its size", () => {
    const vocabulary = createGrowingVocabulary();
    const largestText = 200_000;
    for (let from = 0; from + largestText <= hashes.length; from += largestText) {
      const { size } = vocabulary;
      const rows = hashes.subarray(from, from + largestText).map((hash) => vocabulary.rowOf(hash));
      expect(rows.every((row) => row < size)).toBe(true);
    }
  });
});

describe("a vocabulary", () => {
  it.each([1, 2, 3, 4, 1000, 65_535, 65_536])("of %d hashes finds each in its row and no other hash", (count) => {
    const known = hashes.subarray(0, count);
    const vocabulary = createVocabulary(known);
    expect(known.every((hash, row) => vocabulary.rowOf(hash) === row)).toBe(true);
    expect(hashes.subarray(count, count + 1000).every((hash) => vocabulary.rowOf(hash) === -1)).toBe(true);
  });
});
