import { type AnswerKind, kindsAsked, tells } from "./answer-kinds.ts";
import { drawn, likeness, type ReadQuestion, readTerms, readWords, sharedTerms } from "./comparison.ts";
import type { Meaning } from "./meaning.ts";

/** What tells the sentence of a passage that answers; 0–1 but for `drawn`, which may be more. */
export interface SentenceFeatures {
  /** Of the question, by the letter: what stands in the sentence. */
  readonly shared: number;
  /** … what stands in no other sentence of the passage. */
  readonly alone: number;
  /** … what stands in the sentence before. */
  readonly before: number;
  /** How close the words come in meaning. */
  readonly like: number;
  /** How much such words are asked for in the question's words. */
  readonly drawn: number;
  /** 1 where this is asked for, and the sentence has such a thing. */
  readonly time: number;
  readonly money: number;
  readonly who: number;
}

export const featureNames = ["shared", "alone", "before", "like", "drawn", "time", "money", "who"] as const;

/** Fitted to the questions of datasets/dialogues by `npm run knowledge:fit` (docs/eval/knowledge.md). */
export const sentenceWeights: Readonly<SentenceFeatures> = {
  shared: 3.9,
  alone: 4.7,
  before: 1.9,
  like: 2.6,
  drawn: 0.64,
  time: 1.9,
  money: 1,
  who: 0.8,
};

/** @param sentences of one passage, in its order */
export function sentenceFeatures(
  question: ReadQuestion,
  sentences: readonly string[],
  meaning: Meaning,
): readonly SentenceFeatures[] {
  const terms = sentences.map(readTerms);
  const counts = new Map<string, number>();
  for (const list of terms) for (const term of list) counts.set(term, (counts.get(term) ?? 0) + 1);
  const shared = terms.map((own) => sharedTerms(question, (term) => own.has(term)));
  const kinds = kindsAsked(question.text);
  const told = (sentence: string, kind: AnswerKind) => (kinds.includes(kind) && tells(sentence, kind) ? 1 : 0);
  return sentences.map((sentence, at) => {
    const words = readWords(sentence, meaning);
    return {
      shared: shared[at] ?? 0,
      alone: sharedTerms(question, (term) => counts.get(term) === 1 && terms[at]?.has(term) === true),
      before: shared[at - 1] ?? 0,
      like: likeness(question, words),
      drawn: drawn(question, words, meaning),
      time: told(sentence, "time"),
      money: told(sentence, "money"),
      who: told(sentence, "who"),
    };
  });
}

/** How much speaks for each sentence, more than 0: its odds against a sentence that has nothing to do with the question. */
export function sentenceOdds(
  features: readonly SentenceFeatures[],
  weights: Readonly<SentenceFeatures> = sentenceWeights,
): readonly number[] {
  return features.map((each) => Math.exp(featureNames.reduce((sum, name) => sum + weights[name] * each[name], 0)));
}
