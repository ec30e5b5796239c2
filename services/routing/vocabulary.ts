import type { RowLookup } from "./features.ts";

/**
 * Known n-grams by hash. Only n-grams seen in training have a row: unknown letters fall on no weight, where a plain hash table
 * of the same size would give them somebody else's.
 * Open addressing with linear probing, at most half full; two different n-grams with one 32-bit hash share a row (rare: about
 * one in 45 000 at 96 000 rows).
 * @param hashes one per row, no hash twice
 */
export function createVocabulary(hashes: Int32Array): RowLookup {
  const slots = 1 << Math.ceil(Math.log2(Math.max(2, hashes.length * 2)));
  const mask = slots - 1;
  // Hash and row + 1 side by side, so that one probe touches one cache line.
  const table = new Int32Array(slots * 2);
  for (let row = 0; row < hashes.length; row++) {
    const hash = hashes[row] as number;
    let slot = hash & mask;
    while (table[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    table[slot * 2] = hash;
    table[slot * 2 + 1] = row + 1;
  }
  return {
    size: hashes.length,
    rowOf(hash) {
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const found = table[slot * 2 + 1] as number;
        if (found === 0 || table[slot * 2] === hash) return found - 1;
      }
    },
  };
}
