import { attachSuffix } from "./harmony.ts";
import { cardinalWords, groupWords } from "./number-words.ts";
import { before, matchAt, type Reader } from "./reading.ts";

const fraction = /(\d{1,4})\/(\d{1,6})(?![\d/]|[.,]\d)/uy;
const mixed = /(\d{1,3}) ([1-9])\/([2-9])(?![\d/]|[.,]\d)/uy;
/** A door, an article or a file: no part of anything. */
const isNumbering = /(?:^|[^\p{L}])(?:no|nu|numara|numarası|kapı|daire|madde|maddesi|m|md|dosya|esas|karar)[.:]*\s*$/iu;

/** Numbers over numbers: 3/4 dörtte üç, 7/24 yedi yirmi dört, 2023/145 iki bin yirmi üç bölü yüz kırk beş. */
export const readFraction: Reader = (text, at) => {
  const whole = matchAt(mixed, text, at);
  if (whole !== undefined && Number(whole[2]) < Number(whole[3])) {
    const part = whole[2] === "1" && whole[3] === "2" ? "buçuk" : partWords(whole[2], whole[3]);
    return { end: at + whole[0].length, spoken: `${cardinalWords(whole[1] ?? "")} ${part}`, takesSuffix: true };
  }
  const match = matchAt(fraction, text, at);
  if (match === undefined) return undefined;
  const [written, over = "", under = ""] = match;
  const end = at + written.length;
  if (written === "7/24" || written === "24/7") return { end, spoken: "yedi yirmi dört", takesSuffix: true };
  const isPart =
    Number(over) > 0 && Number(over) < Number(under) && Number(under) <= 100 && !isNumbering.test(before(text, at));
  if (!isPart) return { end, spoken: `${partOf(over)} bölü ${partOf(under)}`, takesSuffix: true };
  if (written === "1/2" && !/['’]/u.test(text[end] ?? "")) return { end, spoken: "yarım" };
  return { end, spoken: partWords(over, under), takesSuffix: true };
};

function partWords(over = "", under = ""): string {
  return `${attachSuffix(cardinalWords(under), "te")} ${cardinalWords(over)}`;
}

function partOf(digits: string): string {
  return digits.startsWith("0") ? groupWords(digits) : cardinalWords(digits);
}
