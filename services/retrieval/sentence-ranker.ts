import { type Rarity, readQuestion, readTerms } from "./comparison.ts";
import type { Meaning } from "./meaning.ts";
import { sentenceFeatures, sentenceOdds } from "./sentence-features.ts";
import { splitSentences } from "./sentences.ts";

export interface RankedSentence {
  readonly text: string;
  /** How likely the answer rests on it rather than on the passage's other sentences; a passage's sentences sum to 1. */
  readonly probability: number;
}

/** Says which of a passage's sentences answer a question. */
export interface SentenceRanker {
  /** The sentences in the passage's order; empty where it has none. Some 0.3 ms for a passage of five sentences. */
  rank(question: string, passage: string): readonly RankedSentence[];
  /** What a text has in common with a question by the letter, on the scale of `Passage.score`: 0–1. For texts no search has weighed. */
  agreement(question: string, text: string): number;
}

/** Characters of a passage that are read; a document of the knowledge folder has no more. */
const mostCharacters = 4000;
/** Weight in common that agrees by one half: chosen so that both scales put the same share of right passages in doubt. */
const halfway = 75;

/** @param rarity of a term in whatever documents there are */
export function createSentenceRanker(rarity: Rarity, meaning: Meaning): SentenceRanker {
  return {
    rank: (question, passage) => {
      const sentences = splitSentences(passage.slice(0, mostCharacters));
      const odds = sentenceOdds(sentenceFeatures(readQuestion(question, rarity, meaning), sentences, meaning));
      const all = odds.reduce((sum, each) => sum + each, 0);
      return sentences.map((text, at) => ({ text, probability: (odds[at] ?? 0) / all }));
    },
    agreement: (question, text) => {
      const stands = readTerms(text.slice(0, mostCharacters));
      const { terms } = readQuestion(question, rarity, meaning);
      const common = terms.reduce((sum, { key, weight }) => sum + (stands.has(key) ? weight : 0), 0);
      return common / (common + halfway);
    },
  };
}
