import { drawn, likeness, type ReadQuestion, readWords } from "./comparison.ts";
import type { Meaning } from "./meaning.ts";
import { type SentenceFeatures, sentenceFeatures, sentenceOdds } from "./sentence-features.ts";
import { splitSentences } from "./sentences.ts";

interface Text {
  readonly title: string;
  readonly text: string;
}

/** A document and how much it has in common with a question by its words: more than 0. */
export interface Candidate<D extends Text> {
  readonly document: D;
  readonly agreement: number;
}

/** What brings a document near to a question besides its words. */
export interface Nearness {
  /** How close the title comes in meaning, 0–1. */
  readonly title: number;
  /** How well its sentences answer: the logarithm of their mean odds. */
  readonly sentences: number;
  /** How much such words are asked for in the question's words. */
  readonly drawn: number;
}

/** An agreement is multiplied by e to the sum of these. Fitted by `npm run knowledge:fit` (docs/eval/knowledge.md). */
export const nearnessWeights: Nearness = { title: 0.6, sentences: 0.12, drawn: 0.05 };

/**
 * The candidates' agreements when meaning has its say. The first one keeps its own, the others move against it, so that agreements stay
 * what `knowledge.minScore` was chosen on.
 * @param candidates the most agreeing first
 */
export function weighedByMeaning<D extends Text>(
  question: ReadQuestion,
  candidates: readonly Candidate<D>[],
  meaning: Meaning,
): readonly Candidate<D>[] {
  const lifts = candidates.map(({ document }) => {
    const near = nearness(question, document, meaning);
    return (
      nearnessWeights.title * near.title +
      nearnessWeights.sentences * near.sentences +
      nearnessWeights.drawn * near.drawn
    );
  });
  return candidates.map(({ document, agreement }, at) => ({
    document,
    agreement: agreement * Math.exp((lifts[at] ?? 0) - (lifts[0] ?? 0)),
  }));
}

/** @param weights of the sentences' features; default: those that were fitted */
export function nearness(
  question: ReadQuestion,
  { title, text }: Text,
  meaning: Meaning,
  weights?: Readonly<SentenceFeatures>,
): Nearness {
  const odds = sentenceOdds(sentenceFeatures(question, splitSentences(text), meaning), weights);
  return {
    title: likeness(question, readWords(title, meaning)),
    sentences: Math.log(odds.reduce((sum, each) => sum + each, 0) / Math.max(1, odds.length)),
    drawn: drawn(question, readWords(`${title}\n${text}`, meaning), meaning),
  };
}
