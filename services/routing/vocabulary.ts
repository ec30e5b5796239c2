import type { RowLookup } from "./features.ts";

/**
 * Known n-grams by hash. Only n-grams seen in training have a row: unknown letters fall on no weight, where a plain hash table
 * of the same size would give them somebody else's.
 * Open addressing with linear probing, at most three quarters full; two different n-grams with one 32-bit hash share a row (rare: about
 * one in 45 000 at 96 000 rows).
 * @param hashes one per row, no hash twice
 */
export function createVocabulary(hashes: Int32Array): RowLookup {
  const slots = 1 << Math.ceil(Math.log2(Math.max(2, (hashes.length * 4) / 3)));
  const mask = slots - 1;
  // Row + 1. One number a slot and not many empty ones: a lookup waits for memory above all, and this table fits in a cache.
  const table = new Int32Array(slots);
  for (let row = 0; row < hashes.length; row++) {
    let slot = (hashes[row] as number) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = row + 1;
  }
  return {
    size: hashes.length,
    rowOf(hash) {
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const row = (table[slot] as number) - 1;
        if (row < 0 || hashes[row] === hash) return row;
      }
    },
  };
}
