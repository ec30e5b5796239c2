import { spell } from "./letters.ts";
import { currencyAlone } from "./money.ts";
import { cardinalWords } from "./number-words.ts";
import { numeralAt, numeralValue } from "./numerals.ts";
import { before, behind, matchAt, type Reading } from "./reading.ts";

const named: Readonly<Record<string, string>> = {
  "&": "ve",
  "%": "yüzde",
  "‰": "binde",
  "×": "çarpı",
  "÷": "bölü",
  "±": "artı eksi",
  "≤": "küçük eşittir",
  "≥": "büyük eşittir",
  "≠": "eşit değildir",
  "≈": "yaklaşık",
  "√": "karekök",
  "∞": "sonsuz",
  π: "pi",
  "²": "kare",
  "³": "küp",
  "½": "yarım",
  "¼": "çeyrek",
  "¾": "dörtte üç",
  "⅓": "üçte bir",
  "⅔": "üçte iki",
  "°": "derece",
  "№": "numara",
  "§": "paragraf",
};
const hashtag = /#(\p{L}[\p{L}\p{N}_]{0,63})/uy;
const mention = /@([\p{L}\p{N}_.]{1,64})/uy;
const emoticon = /[:;]-?[)(DPp](?![\p{L}\p{N}])/uy;
const month = /^ (?:Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık)/u;
const numberAhead = /^ ?[%₺$€£]? ?[-−]?\d/u;

/** The end of what was read last, where a range can begin. */
export interface LastQuantity {
  readonly end: number;
  readonly value: number | undefined;
}

/** Everything that is neither letter nor digit: said by name, kept as a pause, or not heard at all (emojis, brackets, marks of markup). */
export function readSign(text: string, at: number, last: LastQuantity | undefined): Reading {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const end = at + character.length;
  const afterQuantity = last !== undefined && text.slice(last.end, at).trim() === "" && at - last.end <= 1;
  if ("-–—−".includes(character)) return dash(text, at, afterQuantity ? last : undefined);
  const special = readMarked(text, at);
  if (special !== undefined) return special;
  if ("*/:".includes(character) && afterQuantity && numberAhead.test(behind(text, end))) {
    return { end, spoken: { "*": "çarpı", "/": "bölü" }[character] ?? "" };
  }
  if ("+=<>".includes(character)) return { end, spoken: comparison(text, at, character) };
  const key = /^ ?(?:tuş|['’]\p{L}|işaret)/u.test(behind(text, end))
    ? { "*": "yıldız", "#": "kare" }[character]
    : undefined;
  const name = key ?? named[character] ?? currencyAlone(character);
  if (name !== undefined) return { end, spoken: name, takesSuffix: true };
  if ("()[]{}|•·→➔⇒".includes(character)) return { end, spoken: ",", asIs: true };
  if (",;.!?…:".includes(character)) return { end, spoken: character, asIs: true };
  if (/[\p{N}]/u.test(character)) return { end, spoken: /\p{No}/u.test(character) ? "" : character, asIs: true };
  // What is left is not heard; where it stood between two words they stay two.
  return { end, spoken: /\p{M}|\p{Cf}/u.test(character) ? "" : " ", asIs: true };
}

function readMarked(text: string, at: number): Reading | undefined {
  const tag = matchAt(hashtag, text, at);
  if (tag !== undefined) return { end: at + tag[0].length, spoken: tagWords(tag[1] ?? "") };
  if (text[at] === "#" && /\d/u.test(text[at + 1] ?? "")) return { end: at + 1, spoken: "numara" };
  const handle = matchAt(mention, text, at);
  if (handle !== undefined)
    return { end: at + handle[0].length, spoken: `et ${handleWords(handle[1] ?? "")}`, takesSuffix: true };
  const face = matchAt(emoticon, text, at);
  const isFace = face !== undefined && /(?:^|\s)$/u.test(before(text, at));
  return isFace ? { end: at + face[0].length, spoken: "" } : undefined;
}

/** Range, minus, pause or hyphen. */
function dash(text: string, at: number, last: LastQuantity | undefined): Reading {
  const end = at + 1;
  const ahead = behind(text, end);
  if (last !== undefined && numberAhead.test(ahead)) return { end, spoken: betweenQuantities(text, end, last, ahead) };
  const previous = text[at - 1] ?? " ";
  if (/[\s(]/u.test(previous)) {
    return /^[%₺$€£]?\d/u.test(ahead) ? { end, spoken: "eksi" } : { end, spoken: ",", asIs: true };
  }
  const isHyphen = text[at] === "-" && /\p{L}/u.test(previous) && /^\p{L}/u.test(ahead);
  if (isHyphen) return { end, spoken: "-", asIs: true };
  return { end, spoken: text[at] === "—" || /^\s/u.test(ahead) ? "," : " ", asIs: true };
}

function betweenQuantities(text: string, end: number, last: LastQuantity, ahead: string): string {
  const second = numeralAt(text, end + (/^\D*/u.exec(ahead)?.[0].length ?? 0));
  const value = second === undefined ? undefined : numeralValue(second);
  if (/^ ?\d{1,9} ?=/u.test(ahead)) return "eksi";
  if (last.value !== undefined && value !== undefined) {
    const isSpaced = ahead.startsWith(" ");
    // "1 Ocak 2024 - 31 Aralık 2024": the day is smaller than the year, and yet later.
    const isDay = second !== undefined && month.test(behind(text, second.end));
    // A score or two school years in one: 3-0, 2024-2025.
    if (last.value >= value && !isDay) return isSpaced ? "eksi" : "";
    if (last.value >= 1900 && last.value < 2100 && value === last.value + 1) return "";
  }
  const rest = second === undefined ? "" : behind(text, second.end);
  return /^[^.!?,;]{0,20}?[ ]ara(?:s[ıi]|lığ)/u.test(rest) ? "ile" : "ila";
}

function comparison(text: string, at: number, character: string): string {
  const isAhead = /^ ?[\p{L}\d(√π-]/u.test(behind(text, at + 1));
  const isBehind = /[\p{L}\d)²³] ?$/u.test(before(text, at));
  if (character === "+") return isAhead || /\d ?$/u.test(before(text, at)) ? "artı" : "";
  if (!isAhead) return "";
  if (character === "=") return isBehind ? "eşittir" : "";
  if (!/^ ?[\d-]/u.test(behind(text, at + 1))) return "";
  return character === "<" ? "küçüktür" : "büyüktür";
}

/** #YerliÜretim → Yerli Üretim. */
function tagWords(tag: string): string {
  return tag
    .replace(/_/gu, " ")
    .replace(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/gu, " ")
    .replace(/\d+/gu, (digits) => cardinalWords(digits))
    .trim();
}

function handleWords(handle: string): string {
  return (handle.match(/\p{L}+|\P{L}/gu) ?? []).map((part) => (/\p{L}/u.test(part) ? part : spell(part))).join(" ");
}
