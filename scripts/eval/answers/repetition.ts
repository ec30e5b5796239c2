import { withoutCitations, wordsOf } from "./words.ts";

const gram = 4;
/** Part of an answer that may be made of repeated word sequences. */
const allowed = 0.2;
/** Shorter sentences ("Evet.") may come twice. */
const sentenceWords = 3;

/** Part of the words that stand in a sequence of four words which the text has more than once, 0–1. */
export function repeatedShare(text: string): number {
  const words = wordsOf(withoutCitations(text));
  const places = new Map<string, number[]>();
  for (let at = 0; at + gram <= words.length; at++) {
    const key = words.slice(at, at + gram).join(" ");
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  }
  const repeated = new Set<number>();
  for (const starts of places.values()) {
    if (starts.length < 2) continue;
    for (const start of starts) for (let step = 0; step < gram; step++) repeated.add(start + step);
  }
  return words.length === 0 ? 0 : repeated.size / words.length;
}

export function hasSentenceTwice(text: string): boolean {
  const sentences = withoutCitations(text)
    .split(/[.!?\n]+(?=\s|$)/)
    .map((sentence) => wordsOf(sentence))
    .filter((words) => words.length >= sentenceWords)
    .map((words) => words.join(" "));
  return new Set(sentences).size < sentences.length;
}

/** An answer that says itself again: more than a fifth of it in repeated sequences, or one sentence twice. */
export function isRepetitive(text: string): boolean {
  return repeatedShare(text) > allowed || hasSentenceTwice(text);
}
