import { documentCounts, rarity, type TermCounts } from "./term-counts.ts";
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
 * @param numbers term → its number
 * @param rarityEverywhere of each term in the documents of all sectors. It takes part because what is rare among sixteen documents may be
 *   an everyday word; without it, questions of other sectors come too close
 */
export function createCollection(
  documents: readonly TermCounts[],
  numbers: ReadonlyMap<string, number>,
  rarityEverywhere: Float64Array,
): Collection {
  const lengths = documents.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, documents.length);
  const found = documentCounts(documents, numbers.size);
  // Term → the places of `holders` and `shares` from its start to the next term's: which documents have it, and what one unit of it adds
  // to each. All but the question's weight is known beforehand.
  const starts = new Uint32Array(numbers.size + 1);
  for (const [term, holders] of found.entries()) starts[term + 1] = (starts[term] ?? 0) + holders;
  const holders = new Uint32Array(starts[numbers.size] ?? 0);
  const shares = new Float64Array(holders.length);
  const next = starts.slice();
  for (const [at, { terms, counts }] of documents.entries()) {
    const damping = saturation * (1 - lengthShare + (lengthShare * (lengths[at] ?? 0)) / meanLength);
    for (const [place, term] of terms.entries()) {
      const count = counts[place] ?? 0;
      // Among all sectors there are some twenty times as many documents; halved, both rarities are of one size.
      const rare = (rarity(found[term] ?? 0, documents.length) + (rarityEverywhere[term] ?? 0) / 2) / 2;
      const entry = next[term] ?? 0;
      holders[entry] = at;
      shares[entry] = (rare * count * (saturation + 1)) / (count + damping);
      next[term] = entry + 1;
    }
  }
  return {
    score: (words) => {
      const scores = new Float64Array(documents.length);
      for (const word of words) {
        for (const { key, weight } of termsOf(word)) {
          const term = numbers.get(key);
          if (term === undefined) continue;
          for (let entry = starts[term] ?? 0; entry < (starts[term + 1] ?? 0); entry++) {
            const at = holders[entry] ?? 0;
            scores[at] = (scores[at] ?? 0) + weight * (shares[entry] ?? 0);
          }
        }
      }
      return scores;
    },
  };
}
