import { wordsOf } from "./words.ts";

/** Folded. Beside another one they are a different number: "beş yıl" is not said by "on beş yıl". */
const numberWords = new Set(
  "bir iki uc dort bes alti yedi sekiz dokuz on yirmi otuz kirk elli altmis yetmis seksen doksan yuz bin".split(" "),
);
/** A single word this short must stand as it is: most longer words begin with it by chance. */
const shortWord = 3;

/**
 * Whether a text says a wording: its words stand in the text one after another, the last one perhaps with suffixes ("10 yıl" is said by
 * "10 yıldır"), and no number is part of a longer one ("5 yıl" is not said by "15 yıl").
 */
export function mentions(text: string, wording: string): boolean {
  const said = wordsOf(text);
  const wanted = wordsOf(wording);
  if (wanted.length === 0) return false;
  return said.some((_, at) => standsAt(said, at, wanted) && !isPartOfNumber(said, at, wanted));
}

/** Any of the wordings. */
export function mentionsAny(text: string, wordings: readonly string[]): boolean {
  return wordings.some((wording) => mentions(text, wording));
}

function standsAt(said: readonly string[], from: number, wanted: readonly string[]): boolean {
  return wanted.every((word, at) => {
    const here = said[from + at];
    if (here === undefined) return false;
    const isExact = at < wanted.length - 1 || /^\d/.test(word) || (wanted.length === 1 && word.length <= shortWord);
    return isExact ? here === word : here.startsWith(word);
  });
}

function isPartOfNumber(said: readonly string[], at: number, wanted: readonly string[]): boolean {
  const isNumber = (word: string | undefined): boolean => word !== undefined && numberWords.has(word);
  const last = wanted.length - 1;
  // "yüz" before a number is a number; "yüzde" is none and may stand before one.
  const before = isNumber(wanted[0]) && isNumber(said[at - 1]);
  const after = isNumber(wanted[last]) && isNumber(said[at + last]) && isNumber(said[at + last + 1]);
  return before || after;
}
