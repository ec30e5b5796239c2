import { foldTurkish, stripTurkishDiacritics } from "../../../services/foundation/index.ts";

/**
 * The words and numbers of a text, folded (lower case, no ğüşıöç), so that spelling does not decide: `%10` reads `yuzde 10`, `1.500` reads
 * `1500`, `2,5` stays one number, and what follows an apostrophe is a word of its own.
 */
export function wordsOf(text: string): readonly string[] {
  const plain = stripTurkishDiacritics(foldTurkish(text))
    .replace(/%\s*(?=\d)/g, " yuzde ")
    .replace(/(\d)\.(?=\d{3}(?!\d))/g, "$1");
  return plain.match(/\d+(?:,\d+)?|\p{L}+/gu) ?? [];
}

/** The text without citation marks such as [1]. */
export function withoutCitations(text: string): string {
  return text.replace(/\[\d+\]/g, " ");
}
