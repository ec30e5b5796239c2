import { documentCounts, rarity } from "./term-counts.ts";
import { termsOf } from "./terms.ts";

/** BM25: how soon saying a thing again stops counting, and how much a long document is held against it. */
const saturation = 1.2;
const lengthShare = 0.3;

/** The documents of one sector, as BM25 sees them. */
export interface Collection {
  /** One number a document, in their order; 0: nothing in common. */
  score(words: readonly string[]): Float64Array;
}

/**
 * @param documents term → count, one map a document
 * @param rarityEverywhere of a term in the documents of all sectors. It takes part because what is rare among sixteen documents may be
 *   an everyday word; without it, questions of other sectors come too close
 */
export function createCollection(
  documents: readonly ReadonlyMap<string, number>[],
  rarityEverywhere: (term: string) => number,
): Collection {
  const lengths = documents.map((terms) => [...terms.values()].reduce((sum, count) => sum + count, 0));
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, documents.length);
  const found = documentCounts(documents);
  // Term → what one unit of it adds to each document that has it: all but the weight is known beforehand.
  const shares = new Map<string, (readonly [document: number, share: number])[]>();
  for (const [at, terms] of documents.entries()) {
    const damping = saturation * (1 - lengthShare + (lengthShare * (lengths[at] ?? 0)) / meanLength);
    for (const [term, count] of terms) {
      // Among all sectors there are some twenty times as many documents; halved, both rarities are of one size.
      const rare = (rarity(found.get(term) ?? 0, documents.length) + rarityEverywhere(term) / 2) / 2;
      const share = (rare * count * (saturation + 1)) / (count + damping);
      const list = shares.get(term);
      if (list === undefined) shares.set(term, [[at, share]]);
      else list.push([at, share]);
    }
  }
  return {
    score: (words) => {
      const scores = new Float64Array(documents.length);
      for (const word of words) {
        for (const { key, weight } of termsOf(word)) {
          for (const [at, share] of shares.get(key) ?? []) scores[at] = (scores[at] ?? 0) + weight * share;
        }
      }
      return scores;
    },
  };
}
