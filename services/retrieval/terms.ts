import { foldTurkish, stripTurkishDiacritics } from "../foundation/index.ts";
import { commonWords } from "./common-words.ts";

/** A word is compared whole and by its first letters: Turkish puts its endings behind the stem, `kredinin` and `krediden` begin alike. */
const stemLengths = [3, 5, 7];
/** Letters in a row anywhere in the word, so that a typo (`sözlşeme`) or a softened consonant (`kitap`, `kitabı`) spoils a few of them only. */
const gramLengths = [3, 4];
const gramWeight = 0.3;

export interface Term {
  readonly key: string;
  /** How much a match says, in whole words. */
  readonly weight: number;
}

/**
 * The words of a text that say what it is about: lower case by Turkish rules, then without diacritics, because half of the people type
 * without them; what follows an apostrophe (`Yargıtay'a`) is an ending.
 */
export function contentWords(text: string): readonly string[] {
  const plain = stripTurkishDiacritics(foldTurkish(text)).replace(/(?<=[\p{L}\p{N}])['’ʼ`]\p{L}*/gu, "");
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !commonWords.has(word) && isWord(word));
}

/** What a word is known by. */
export function termsOf(word: string): readonly Term[] {
  const terms = new Map([[`=${word}`, 1]]);
  for (const length of stemLengths) if (word.length >= length) terms.set(`${length}:${word.slice(0, length)}`, 1);
  const marked = `^${word}`;
  for (const length of gramLengths) {
    for (let at = 0; at + length <= marked.length; at++) terms.set(`~${marked.slice(at, at + length)}`, gramWeight);
  }
  return [...terms].map(([key, weight]) => ({ key, weight }));
}

/** A single letter is no word, a single digit is a number. */
function isWord(word: string): boolean {
  return word.length > 1 || /\p{N}/u.test(word);
}
