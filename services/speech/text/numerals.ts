import { cardinalWords, digitWords, groupWords } from "./number-words.ts";
import { matchAt } from "./reading.ts";

/** A number as written in digits, taken apart. */
export interface Numeral {
  readonly end: number;
  /** Digits before the decimal mark, without grouping. */
  readonly whole: string;
  /** Digits behind it; "" where there are none. */
  readonly fraction: string;
  readonly mark: "virgül" | "nokta";
  /** Thousands were set apart: certainly a quantity, never a code. */
  readonly grouped: boolean;
}

const turkishGrouped = /([1-9]\d{0,2}(?:\.\d{3}){1,5})(?!\d|\.\d)(?:,(\d{1,20})(?!\d))?/uy;
const englishGrouped = /([1-9]\d{0,2}(?:,\d{3}){1,5})\.(\d{1,2})(?![\d,.]\d|\d)/uy;
const englishMillions = /([1-9]\d{0,2}(?:,\d{3}){2,5})(?!\d|[.,]\d)/uy;
const decimalComma = /(\d{1,18}),(\d{1,20})(?!\d)/uy;
const decimalPoint = /(\d{1,18})\.(\d{1,20})(?!\d|\.\d)/uy;
const digits = /\d+/uy;

/** The number that begins at `at`: 1.250,50 · 1,250.50 · 3,5 · 3.14 · 42. */
export function numeralAt(text: string, at: number): Numeral | undefined {
  for (const [pattern, mark] of [
    [turkishGrouped, "virgül"],
    [englishGrouped, "nokta"],
    [englishMillions, "nokta"],
  ] as const) {
    const match = matchAt(pattern, text, at);
    if (match === undefined) continue;
    const whole = (match[1] ?? "").replace(/\D/gu, "");
    return { end: at + match[0].length, whole, fraction: match[2] ?? "", mark, grouped: true };
  }
  const decimal = matchAt(decimalComma, text, at);
  const point = decimal ?? matchAt(decimalPoint, text, at);
  if (point !== undefined) {
    const mark = decimal === undefined ? "nokta" : "virgül";
    return { end: at + point[0].length, whole: point[1] ?? "", fraction: point[2] ?? "", mark, grouped: false };
  }
  const run = matchAt(digits, text, at);
  if (run === undefined) return undefined;
  return { end: at + run[0].length, whole: run[0], fraction: "", mark: "virgül", grouped: false };
}

/** How it is said by itself: bin iki yüz elli virgül beş. */
export function numeralWords({ whole, fraction, mark, grouped }: Numeral): string {
  const words = grouped || fraction !== "" ? cardinalWords(whole) : wholeWords(whole);
  return fraction === "" ? words : `${words} ${mark} ${fractionWords(fraction)}`;
}

/** Its size; exact as far as a double is. */
export function numeralValue({ whole, fraction }: Numeral): number {
  return Number(`${whole}.${fraction === "" ? "0" : fraction}`);
}

/** Leading zeros are heard; what is too long for a quantity is a code, read in groups of three. */
function wholeWords(whole: string): string {
  if (whole.length > 1 && whole.startsWith("0")) return whole.length > 8 ? digitWords(whole, 3) : groupWords(whole);
  const isCode = whole.length >= 10 && !/000000$/u.test(whole);
  return isCode || whole.length > 18 ? digitWords(whole, 3) : cardinalWords(whole);
}

/** ",75" yetmiş beş; ",05" sıfır beş; ",14159" digit by digit. */
function fractionWords(fraction: string): string {
  return fraction.length > 3 ? digitWords(fraction) : groupWords(fraction);
}
