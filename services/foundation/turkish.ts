/**
 * NFC, lower case by Turkish rules: I→ı, İ→i. A dotted capital typed as two code points comes out as one letter.
 * @param text any Unicode text
 */
export function foldTurkish(text: string): string {
  return text.normalize("NFC").toLocaleLowerCase("tr");
}

const asciiOf: Readonly<Record<string, string>> = {
  ğ: "g",
  ü: "u",
  ş: "s",
  ı: "i",
  ö: "o",
  ç: "c",
  â: "a",
  î: "i",
  û: "u",
};

/** What a folded text looks like to those who type without ğüşıöç; apply `foldTurkish` first. */
export function stripTurkishDiacritics(folded: string): string {
  return folded.replace(/[ğüşıöçâîû]/g, (letter) => asciiOf[letter] ?? letter);
}
