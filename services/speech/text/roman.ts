import { cardinalWords, ordinalWords } from "./number-words.ts";
import { ordinalNoun } from "./ordinal-nouns.ts";
import { before, behind, type Reader } from "./reading.ts";

const valid = /^(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/u;
const centuries =
  /^\.?\s{1,2}(?:yüzyıl|yy|asır|asr|Yüzyıl|bölüm|kısım|cilt|madde|sınıf|derece|dönem|kuşak|evre|basamak)/u;
const counted =
  /(?:^|[^\p{L}])(?:[Bb]ölüm|[Kk]ısım|[Cc]ilt|[Ee]k|[Tt]ip|[Ff]az|[Mm]adde|[Ss]eviye|[Gg]rup|[Kk]itap|[Kk]at|[Ee]vre|[Tt]ablo|[Şş]ekil)[\s:-]{1,2}$/u;
const values: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100 };

/** Roman numerals where they count something: II. Mehmet, XIX. yüzyıl, Bölüm IV. Initials (V. Hugo) and sizes (XL) are none. */
export const readRoman: Reader = (text, at) => {
  const written = /^[IVXLC]{1,8}(?![\p{L}\p{N}])/u.exec(behind(text, at))?.[0];
  if (written === undefined || !valid.test(written)) return undefined;
  const rest = behind(text, at + written.length);
  const number = romanValue(written);
  if (centuries.test(rest))
    return { end: at + written.length + (rest.startsWith(".") ? 1 : 0), spoken: ordinalWords(number) };
  if (rest.startsWith(".")) {
    const isOrdinal = ordinalNoun.test(rest.slice(1)) || (written.length > 1 && /^\s{0,2}\p{L}/u.test(rest.slice(1)));
    return isOrdinal ? { end: at + written.length + 1, spoken: ordinalWords(number) } : undefined;
  }
  return counted.test(before(text, at))
    ? { end: at + written.length, spoken: cardinalWords(number), takesSuffix: true }
    : undefined;
};

function romanValue(written: string): number {
  const digits = [...written].map((letter) => values[letter] ?? 0);
  return digits.reduce((sum, digit, index) => (digit < (digits[index + 1] ?? 0) ? sum - digit : sum + digit), 0);
}
