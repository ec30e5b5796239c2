import { type Rarity, stemsOf } from "../../../services/retrieval/comparison.ts";

/** A sentence that adds less of an answer is not what it rests on. */
const leastGain = 0.15;

/**
 * How much of an answer each sentence carries; sums to 1, or all are 0 when nothing of it stands there. The sentence with most of its words (the rarer,
 * the heavier) comes first, then those that have a fair part of the rest.
 */
export function answerShares(answer: string, sentences: readonly string[], rarity: Rarity): readonly number[] {
  const stems = stemsOf(answer);
  const weightOf = (stem: string): number => rarity(stem.length < 5 ? `=${stem}` : `5:${stem}`);
  const whole = stems.reduce((sum, stem) => sum + weightOf(stem), 0);
  const left = new Set(stems);
  const words = sentences.map((sentence) => new Set(stemsOf(sentence)));
  const gains = sentences.map(() => 0);
  for (;;) {
    const adds = words.map(
      (own) => [...left].reduce((sum, stem) => sum + (own.has(stem) ? weightOf(stem) : 0), 0) / whole,
    );
    const most = Math.max(0, ...adds);
    const at = adds.indexOf(most);
    const isFirst = gains.every((gain) => gain === 0);
    if (most === 0 || (!isFirst && most < leastGain)) break;
    gains[at] = (gains[at] ?? 0) + most;
    for (const stem of words[at] ?? []) left.delete(stem);
  }
  const all = gains.reduce((sum, gain) => sum + gain, 0);
  return all === 0 ? gains : gains.map((gain) => gain / all);
}
