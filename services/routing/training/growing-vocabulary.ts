import type { RowLookup } from "../features.ts";
import { int32List } from "./typed-lists.ts";

/** Gives every n-gram it is asked for a row of its own, in the order of first mention. */
export interface GrowingVocabulary extends RowLookup {
  /** [rows so far]; a copy. */
  hashes(): Int32Array;
}

/**
 * As `createVocabulary`, for hashes that are not known beforehand; less than half of a Map's time over the ten million n-grams of a
 * training.
 */
export function createGrowingVocabulary(): GrowingVocabulary {
  const hashes = int32List();
  // At most half full: the empty half is room for the n-grams of any one text.
  let mask = (1 << 19) - 1;
  // Hash and row + 1 of each slot.
  let table = new Int32Array((mask + 1) * 2);

  function slotOf(hash: number): number {
    let slot = hash & mask;
    while (table[slot * 2 + 1] !== 0 && table[slot * 2] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  function put(hash: number, row: number): void {
    const slot = slotOf(hash);
    table[slot * 2] = hash;
    table[slot * 2 + 1] = row + 1;
  }

  /** Twice as many slots. */
  function grow(): void {
    mask = mask * 2 + 1;
    table = new Int32Array((mask + 1) * 2);
    hashes.toArray().forEach(put);
  }

  return {
    get size() {
      return mask + 1;
    },
    rowOf(hash) {
      const row = (table[slotOf(hash) * 2 + 1] as number) - 1;
      if (row >= 0) return row;
      if (hashes.length * 2 > mask) grow();
      put(hash, hashes.length);
      hashes.push(hash);
      return hashes.length - 1;
    },
    hashes: () => hashes.toArray(),
  };
}
