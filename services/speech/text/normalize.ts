import { readAddress } from "./addresses.ts";
import { readCard, readCode, readDotted, readIban, readIdentity, readPlate, readUssd } from "./codes.ts";
import { readDate } from "./dates.ts";
import { readFraction } from "./fractions.ts";
import { attachSuffix } from "./harmony.ts";
import { withoutMarkup } from "./markup.ts";
import { readPhone } from "./phones.ts";
import { readQuantity } from "./quantities.ts";
import { before, behind, matchAt, type Reader, type Reading } from "./reading.ts";
import { readRoman } from "./roman.ts";
import { type LastQuantity, readSign } from "./signs.ts";
import { readTime } from "./times.ts";
import { readWord } from "./written-words.ts";

/** Of what begins with a digit, the first that fits; the particular before the general. */
const numberReaders: readonly Reader[] = [
  readCode,
  readCard,
  readPhone,
  readDate,
  readTime,
  readPlate,
  readIdentity,
  readDotted,
  readFraction,
  readQuantity,
];
const wordReaders: readonly Reader[] = [readIban, readRoman, readQuantityCode, readWord];
const signReaders: readonly Reader[] = [readUssd, readPhone, readQuantity];

const suffixBehind = /['’‘ʼ´`](\p{L}{1,16})(?!\p{L})/uy;
/** Suffixes people type straight onto digits: "2024te", "20si", "5li". */
const gluedSuffix =
  /((?:[dt][ae]n?|[dt][ae]ki|l[ıiuü]k?|l[ae]r|[yn][ıiuü]n?|y[ae]|s[ıiuü]|[ıiuü]nd[ae]n?|[ıiuü]n|ş?[ae]r)(?:l[ıiuü])?)(?!\p{L})/uy;

/**
 * Written Turkish as it is read aloud: numbers, dates, times, money, telephone numbers, codes, abbreviations, units and signs in words,
 * suffixes in harmony with what is said, Markdown, citations and emojis left out. Plain words come out as they went in.
 * Linear in the length of the text, whatever it holds.
 * @returns one line, without digits; "" where there is nothing to say
 */
export function normalizeForSpeech(text: string): string {
  const plain = withoutMarkup(text.normalize("NFC"));
  let spoken = "";
  let last: LastQuantity | undefined;
  let at = 0;
  let isApart = false;
  while (at < plain.length) {
    const read = readingAt(plain, at, last);
    const { end, words } = withSuffix(plain, read);
    if (read.quantity !== undefined) last = { end, value: read.quantity.value };
    if (read.asIs === true) spoken += isApart && /^[\p{L}\p{N}]/u.test(words) ? ` ${words}` : words;
    else if (words !== "") spoken += ` ${words}`;
    isApart = read.asIs !== true;
    at = end;
  }
  const tidy = tidied(spoken);
  // The first clause of a sentence ends with its comma: the voice stays up.
  return plain.endsWith(",") && tidy !== "" ? `${tidy},` : tidy;
}

function readingAt(text: string, at: number, last: LastQuantity | undefined): Reading {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const isDigit = /\d/u.test(character);
  const isLetter = /\p{L}/u.test(character);
  if (at === 0 || /[\s("'“‘[<:]/u.test(text[at - 1] ?? "")) {
    const address = isDigit || isLetter ? readAddress(text, at) : undefined;
    if (address !== undefined) return address;
  }
  if (
    isLetter &&
    /^[xX]$/u.test(character) &&
    last !== undefined &&
    at - last.end <= 1 &&
    /^ ?\d/u.test(behind(text, at + 1))
  ) {
    return { end: at + 1, spoken: "çarpı" };
  }
  const readers = isDigit ? numberReaders : isLetter ? wordReaders : signReaders;
  for (const read of readers) {
    const reading = read(text, at);
    if (reading !== undefined) return reading;
  }
  return readSign(text, at, last);
}

/** "TL 100", "USD 50": a code before its amount. */
function readQuantityCode(text: string, at: number): Reading | undefined {
  return /(?:\p{L}|(?:bin|milyon|milyar|trilyon) )$/u.test(before(text, at)) ? undefined : readQuantity(text, at);
}

function withSuffix(text: string, read: Reading): { readonly end: number; readonly words: string } {
  if (read.takesSuffix !== true) return { end: read.end, words: read.spoken };
  const isNumber = /\d/u.test(text[read.end - 1] ?? "");
  const suffix = matchAt(suffixBehind, text, read.end) ?? (isNumber ? matchAt(gluedSuffix, text, read.end) : undefined);
  if (suffix === undefined) return { end: read.end, words: read.spoken };
  const written = (suffix[1] ?? "").toLocaleLowerCase("tr");
  return { end: read.end + suffix[0].length, words: attachSuffix(read.spoken, written) };
}

/** Single blanks, one mark where several met, none at the beginning. One pass: a line of a hundred thousand commas is no trap. */
function tidied(spoken: string): string {
  return spoken.replace(/[\s,;:.!?…]+/gu, oneMark).replace(/^[,;:.!?…]? |,? $/gu, "");
}

function oneMark(run: string): string {
  const marks = run.replace(/\s+/gu, "");
  if (marks === "") return " ";
  if (/^[,;:]*(?:\.\.|…)/u.test(marks)) return "… ";
  return `${/[.!?]/u.exec(marks)?.[0] ?? marks[0]} `;
}
