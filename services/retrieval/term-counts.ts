import { contentWords, termsOf } from "./terms.ts";

/** A word of the title counts as often as this many words of the text, one of the questions as this many. */
const titleWeight = 2;
const questionWeight = 1;

/**
 * How often a document says what; the title louder. The questions it answers count as if it said them: people ask in other words than
 * documents tell. Nogueira et al. 2019, "Document expansion by query prediction".
 */
export function termCounts(document: {
  readonly title: string;
  readonly text: string;
  readonly questions?: readonly string[];
}): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (words: readonly string[], times: number): void => {
    for (const word of words) for (const { key } of termsOf(word)) counts.set(key, (counts.get(key) ?? 0) + times);
  };
  count(contentWords(document.title), titleWeight);
  count(contentWords(document.text), 1);
  for (const question of document.questions ?? []) count([...new Set(contentWords(question))], questionWeight);
  return counts;
}

/** In how many of the documents a term stands. */
export function documentCounts(documents: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const terms of documents) for (const key of terms.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** BM25's weight of a term that stands in `found` of `all` documents: the rarer, the heavier; never negative. */
export function rarity(found: number, all: number): number {
  return Math.log(1 + (all - found + 0.5) / (found + 0.5));
}
