import { cardinalWords, groupWords } from "./number-words.ts";
import { matchAt, type Reader, type Reading } from "./reading.ts";

const months = [
  "Ocak",
  "Şubat",
  "Mart",
  "Nisan",
  "Mayıs",
  "Haziran",
  "Temmuz",
  "Ağustos",
  "Eylül",
  "Ekim",
  "Kasım",
  "Aralık",
];

const dayFirst = /(0?[1-9]|[12]\d|3[01])([./-])(0?[1-9]|1[0-2])\2(\d{4}|\d{2})(?!\d|[./]\d)/uy;
const yearFirst = /(\d{4})([-./])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d|[./]\d)(?:T(?=\d{2}:))?/uy;
const withoutYear = /(0?[1-9]|[12]\d|3[01])(?:\/(0[1-9])(?![\d/])|\.(0[1-9]|1[0-2])(?= tarih))/uy;

/** 23.04.2024, 23/04/2024, 2024-04-23: yirmi üç Nisan iki bin yirmi dört. */
export const readDate: Reader = (text, at) => {
  const first = matchAt(dayFirst, text, at);
  if (first !== undefined) return reading(at, first[0], dateWords(first[1], first[3], first[4]));
  const last = matchAt(yearFirst, text, at);
  if (last !== undefined) return reading(at, last[0], dateWords(last[4], last[3], last[1]));
  const short = matchAt(withoutYear, text, at);
  return short === undefined ? undefined : reading(at, short[0], dateWords(short[1], short[2] ?? short[3], ""));
};

/**
 * @param day 1–31; "" = none
 * @param month 1–12
 * @param year four digits, or two as they stand ("01.05.99" doksan dokuz); "" = none
 */
export function dateWords(day = "", month = "", year = ""): string {
  const words = [
    day === "" ? "" : cardinalWords(day),
    months[Number(month) - 1] ?? "",
    year.length === 2 ? groupWords(year) : year === "" ? "" : cardinalWords(year),
  ];
  return words.filter((word) => word !== "").join(" ");
}

function reading(at: number, written: string, spoken: string): Reading {
  return { end: at + written.length, spoken, quantity: { value: undefined }, takesSuffix: true };
}
