import { contentWords, termsOf } from "./terms.ts";

/** A word of the title counts as often as this many words of the text, one of the questions as this many. */
const titleWeight = 2;
const questionWeight = 1;

/** A document as far as it is searched. */
export interface SearchedText {
  readonly title: string;
  readonly text: string;
  readonly questions?: readonly string[];
}

export interface TermCounts {
  /** Numbers of the document's terms, each once. */
  readonly terms: Uint32Array;
  /** How often it says each of them. */
  readonly counts: Uint32Array;
}

export interface CountedTerms {
  /** Every term of the documents → its number, from 0. */
  readonly numbers: ReadonlyMap<string, number>;
  /** One a document, in their order. */
  readonly documents: readonly TermCounts[];
}

/**
 * How often documents say what; the title louder. The questions they answer count as if they said them: people ask in other words than
 * documents tell. Nogueira et al. 2019, "Document expansion by query prediction".
 * There are a million pairs of document and term: terms are numbers, and a word is taken apart once.
 */
export function countTerms(documents: readonly SearchedText[]): CountedTerms {
  const numbers = new Map<string, number>();
  const numberOf = (term: string): number => {
    const known = numbers.get(term);
    if (known !== undefined) return known;
    numbers.set(term, numbers.size);
    return numbers.size - 1;
  };
  const termsOfWords = new Map<string, readonly number[]>();
  const numbersOf = (word: string): readonly number[] => {
    let terms = termsOfWords.get(word);
    if (terms === undefined) {
      terms = termsOf(word).map(({ key }) => numberOf(key));
      termsOfWords.set(word, terms);
    }
    return terms;
  };
  const count = (document: SearchedText): TermCounts => {
    const counts = new Map<number, number>();
    for (const [word, times] of wordCounts(document)) {
      for (const term of numbersOf(word)) counts.set(term, (counts.get(term) ?? 0) + times);
    }
    return { terms: Uint32Array.from(counts.keys()), counts: Uint32Array.from(counts.values()) };
  };
  return { documents: documents.map(count), numbers };
}

function wordCounts({ title, text, questions = [] }: SearchedText): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (words: Iterable<string>, times: number): void => {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + times);
  };
  count(contentWords(title), titleWeight);
  count(contentWords(text), 1);
  for (const question of questions) count(new Set(contentWords(question)), questionWeight);
  return counts;
}

/** In how many of the documents each of `terms` terms stands, by its number. */
export function documentCounts(documents: readonly TermCounts[], terms: number): Uint32Array {
  const counts = new Uint32Array(terms);
  for (const document of documents) for (const term of document.terms) counts[term] = (counts[term] ?? 0) + 1;
  return counts;
}

/** BM25's weight of a term that stands in `found` of `all` documents: the rarer, the heavier; never negative. */
export function rarity(found: number, all: number): number {
  return Math.log(1 + (all - found + 0.5) / (found + 0.5));
}
