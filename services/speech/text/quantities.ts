import { attachSuffix } from "./harmony.ts";
import { type Currency, currencyBefore, currencyBehind, currencyOf } from "./money.ts";
import { cardinalWords, ordinalWords } from "./number-words.ts";
import { type Numeral, numeralAt, numeralValue, numeralWords } from "./numerals.ts";
import { ordinalNoun } from "./ordinal-nouns.ts";
import { behind, matchAt, type Reader, type Reading } from "./reading.ts";
import { unitOf, unitPattern } from "./units.ts";

const percentBefore = /([%‰]) ?(-)?(?=\d)/uy;
const percentBehind = / ?([%‰])(?!\d)/uy;
const ordinalSuffix = /['’]?[ıiuü]?nc[ıiuü](\p{Ll}{0,12})(?!\p{L})|\.c[ıiuü](?!\p{L})/uy;
const ordinalDot = /^(?:\s{0,2}\p{Ll}|,|['’]\p{Ll}| ?[-–] ?\d{1,4}\.)/u;
const scale = / (bin|milyon|milyar|trilyon|katrilyon)(?!\p{L})/uy;
/** What is counted in halves: "2,5 saat" is iki buçuk saat; "2,5 kg" is iki virgül beş. */
const halved =
  /^ (?:bin|milyon|milyar|trilyon|saat|gün|hafta|ay|yıl|sene|dakika|yaş|kat|asır)(?:l[ıiuü]k|[dt][ae]n?|y?[ae]|y?[ıiuü]|[ıiuü]n|[dt][ıiuü]r)?(?!\p{L})/u;
const halves: Readonly<Record<string, string>> = {
  "½": "buçuk",
  "¼": "çeyrek",
  "¾": "dörtte üç",
  "⅓": "üçte bir",
  "⅔": "üçte iki",
};

/** Numbers with what belongs to them: percent, currency, unit, ordinal mark. */
export const readQuantity: Reader = (text, at) => {
  const percent = matchAt(percentBefore, text, at);
  if (percent !== undefined) return percentage(text, at + percent[0].length, percent[1], percent[2]);
  const currency = matchAt(currencyBefore, text, at);
  if (currency !== undefined) return moneyBehind(text, at + currency[0].length, currencyOf(currency[0].trim()));
  const numeral = numeralAt(text, at);
  if (numeral === undefined) return undefined;
  return ordinal(text, numeral) ?? measured(text, numeral) ?? bare(text, numeral);
};

function percentage(
  text: string,
  at: number,
  sign: string | undefined,
  minus: string | undefined,
): Reading | undefined {
  const numeral = numeralAt(text, at);
  if (numeral === undefined) return undefined;
  const words = [sign === "%" ? "yüzde" : "binde", minus === undefined ? "" : "eksi", numeralWords(numeral)];
  return quantity(numeral.end, words, numeral);
}

function moneyBehind(text: string, at: number, currency: Currency | undefined): Reading | undefined {
  const numeral = numeralAt(text, at);
  if (numeral === undefined || currency === undefined) return undefined;
  const scaled = matchAt(scale, text, numeral.end);
  if (scaled === undefined) return quantity(numeral.end, [amountWords(numeral, currency)], numeral);
  return quantity(
    numeral.end + scaled[0].length,
    [countWords(text, numeral), scaled[1] ?? "", currency.spoken],
    numeral,
  );
}

/** Bin iki yüz elli lira elli kuruş; yetmiş beş kuruş. */
export function amountWords(numeral: Numeral, currency: Currency): string {
  if (numeral.fraction.length > 2) return `${numeralWords(numeral)} ${currency.spoken}`;
  const cents = Number(numeral.fraction.padEnd(2, "0"));
  const whole = `${cardinalWords(numeral.whole)} ${currency.spoken}`;
  if (cents === 0) return whole;
  const part = `${cardinalWords(cents)} ${currency.cents}`;
  return /^0+$/u.test(numeral.whole) ? part : `${whole} ${part}`;
}

function ordinal(text: string, numeral: Numeral): Reading | undefined {
  if (numeral.fraction !== "" || numeral.grouped || numeral.whole.length > 4) return undefined;
  const suffix = matchAt(ordinalSuffix, text, numeral.end);
  if (suffix !== undefined) {
    return quantity(
      numeral.end + suffix[0].length,
      [attachSuffix(ordinalWords(numeral.whole), suffix[1] ?? "")],
      numeral,
    );
  }
  if (text[numeral.end] !== ".") return undefined;
  const rest = behind(text, numeral.end + 1);
  if (!ordinalDot.test(rest) && !ordinalNoun.test(rest)) return undefined;
  return quantity(numeral.end + 1, [ordinalWords(numeral.whole)], numeral);
}

function measured(text: string, numeral: Numeral): Reading | undefined {
  const percent = matchAt(percentBehind, text, numeral.end);
  if (percent !== undefined) {
    return quantity(
      numeral.end + percent[0].length,
      [percent[1] === "%" ? "yüzde" : "binde", numeralWords(numeral)],
      numeral,
    );
  }
  const half = /^ ?[½¼¾⅓⅔]/u.exec(behind(text, numeral.end))?.[0];
  if (half !== undefined) {
    return quantity(numeral.end + half.length, [numeralWords(numeral), halves[half.trim()] ?? ""], numeral);
  }
  const money = matchAt(currencyBehind, text, numeral.end);
  const currency = currencyOf(money?.[1] ?? "");
  if (money !== undefined && currency !== undefined) {
    return quantity(numeral.end + money[0].length, [amountWords(numeral, currency)], numeral);
  }
  const unit = matchAt(unitPattern, text, numeral.end);
  if (unit === undefined) return undefined;
  const { before, spoken } = unitOf(unit[1] ?? "");
  return quantity(numeral.end + unit[0].length, [before, numeralWords(numeral), spoken], numeral);
}

function bare(text: string, numeral: Numeral): Reading {
  return quantity(numeral.end, [countWords(text, numeral)], numeral);
}

function countWords(text: string, numeral: Numeral): string {
  const isHalf = numeral.fraction === "5" && numeral.mark === "virgül" && !/^0+$/u.test(numeral.whole);
  if (isHalf && halved.test(behind(text, numeral.end))) return `${cardinalWords(numeral.whole)} buçuk`;
  return numeralWords(numeral);
}

function quantity(end: number, words: readonly string[], numeral: Numeral): Reading {
  const spoken = words.filter((word) => word !== "").join(" ");
  return { end, spoken, quantity: { value: numeralValue(numeral) }, takesSuffix: true };
}
