import type { Meaning } from "./meaning.ts";
import { contentWords, type Term, termsOf } from "./terms.ts";

/** Words by which two texts are compared; the first ones of a long text say what it is about. */
const mostWords = 200;
/** Words with as many first letters in common are taken for the same. */
const stemLetters = 5;

/** How much a term says, in natural logarithms; never negative. */
export type Rarity = (term: string) => number;

/** A word as far as its meaning goes. */
export interface ReadWord {
  readonly stem: string;
  readonly direction: Float32Array | undefined;
}

export interface ReadQuestion {
  readonly text: string;
  /** What the question's words are known by; `weight` is rarity included. */
  readonly terms: readonly Term[];
  readonly words: readonly (ReadWord & { readonly rarity: number })[];
}

export function readQuestion(text: string, rarity: Rarity, { direction }: Meaning): ReadQuestion {
  const words = distinctWords(text);
  return {
    text,
    terms: words.flatMap((word) => termsOf(word).map(({ key, weight }) => ({ key, weight: weight * rarity(key) }))),
    words: words.map((word) => {
      const stem = stemOf(word);
      const key = stem.length < stemLetters ? `=${word}` : `${stemLetters}:${stem}`;
      return { stem, direction: direction(word), rarity: rarity(key) };
    }),
  };
}

/** What a text's words are known by. */
export function readTerms(text: string): ReadonlySet<string> {
  return new Set(distinctWords(text).flatMap((word) => termsOf(word).map(({ key }) => key)));
}

/** A text's words, those with the same stem once. */
export function readWords(text: string, { direction }: Meaning): readonly ReadWord[] {
  const byStem = new Map(distinctWords(text).map((word) => [stemOf(word), word]));
  return [...byStem].map(([stem, word]) => ({ stem, direction: direction(word) }));
}

/** A text's words as the tables of `AnswerWords` have them. */
export function stemsOf(text: string): readonly string[] {
  return [...new Set(distinctWords(text).map(stemOf))];
}

/** Share of the question's weight that stands in the text by the letter, 0–1. @param has whether a term counts as standing there */
export function sharedTerms(question: ReadQuestion, has: (term: string) => boolean): number {
  let shared = 0;
  let all = 0;
  for (const { key, weight } of question.terms) {
    all += weight;
    if (has(key)) shared += weight;
  }
  return all === 0 ? 0 : shared / all;
}

/** How close some words come to the question's in meaning, 0–1: of each word of the question the nearest one, the rarer the heavier. */
export function likeness(question: ReadQuestion, words: readonly ReadWord[]): number {
  let like = 0;
  let all = 0;
  for (const word of question.words) {
    all += word.rarity;
    like += word.rarity * words.reduce((most, other) => Math.max(most, closeness(word, other)), 0);
  }
  return all === 0 ? 0 : like / all;
}

/** Share of a text's words that is taken to come from anywhere, and the least length of a text: short ones would draw too much. */
const fromAnywhere = 0.3;
const leastWords = 10;

/**
 * How much more often the question's words are asked where such words answer than anywhere: the mean of their log-ratios, from 0. What
 * stands in both is left to the other measures. Berger and Lafferty 1999, "Information retrieval as statistical translation".
 */
export function drawn(question: ReadQuestion, words: readonly ReadWord[], { answerWords }: Meaning): number {
  let sum = 0;
  for (const { stem: asked } of question.words) {
    const share = answerWords.share.get(asked);
    if (share === undefined) continue;
    const draws = words.map(({ stem }) => (stem === asked ? 0 : (answerWords.draws.get(stem)?.get(asked) ?? 0)));
    const here = draws.reduce((all, draw) => all + draw, 0) / Math.max(leastWords, words.length);
    sum += Math.log(1 + ((1 - fromAnywhere) * here) / (fromAnywhere * share));
  }
  return sum / Math.max(1, question.words.length);
}

function closeness(one: ReadWord, other: ReadWord): number {
  if (one.stem === other.stem) return 1;
  const { direction: a } = one;
  const { direction: b } = other;
  if (a === undefined || b === undefined) return 0;
  let cosine = 0;
  for (let d = 0; d < a.length; d++) cosine += (a[d] ?? 0) * (b[d] ?? 0);
  return cosine;
}

function stemOf(word: string): string {
  return word.slice(0, stemLetters);
}

function distinctWords(text: string): readonly string[] {
  return [...new Set(contentWords(text))].slice(0, mostWords);
}
