import type { AnswerWords } from "./answer-words.ts";

/**
 * Where a folded word points: a direction of length 1, close to those of words that keep the same company in running text.
 * Undefined: nothing is known of the word.
 */
export type WordDirection = (word: string) => Float32Array | undefined;

/** What is known of words beyond their letters. */
export interface Meaning {
  readonly direction: WordDirection;
  readonly answerWords: AnswerWords;
}

/** Nothing is known: texts are compared by the letter alone. */
export const noMeaning: Meaning = {
  direction: () => undefined,
  answerWords: { share: new Map(), draws: new Map() },
};
