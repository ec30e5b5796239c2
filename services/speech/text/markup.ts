import { cardinalWords } from "./number-words.ts";
import { ordinalNoun } from "./ordinal-nouns.ts";

const bullet = /^\s{0,16}[-*+•·▪◦‣–]\s{1,8}(?:\[[ xX]\]\s)?/u;
const heading = /^\s{0,3}#{1,6}\s+(?!tuş|işaret)/u;
const quote = /^\s{0,3}(?:>\s?){1,8}/u;
const numbered = /^\s{0,16}(\d{1,2})([.)])\s{1,8}(?=[*_"“(]{0,4}(\S))/u;
const lettered = /^\s{0,16}([a-hçğ])\)\s{1,8}(?=\S)/u;
/** Thousands set apart by hard blanks; written as elsewhere, with full stops. */
const blankGrouped = /(?<!\d[.,\s]?)[1-9]\d{0,2}(?:[\u00a0\u202f\u2009]\d{3}){1,5}(?![\d\u00a0\u202f\u2009])/gu;
const fence = /^\s{0,3}(?:```|~~~)/u;
const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&nbsp;": " ",
  "&quot;": '"',
  "&#39;": "'",
};

/**
 * Without Markdown, citations ("[1]") and tags, on one line: entries of lists and headings become sentences, their numbers words ("bir, …").
 * Linear in the length of the text.
 */
export function withoutMarkup(text: string): string {
  let spoken = "";
  let isBreak = false;
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/u)) {
    if (fence.test(line)) continue;
    const isBlock = isListed(line) || heading.test(line);
    const content = inline(
      line
        .replace(quote, "")
        .replace(heading, "")
        .replace(bullet, "")
        .replace(numbered, marker)
        .replace(lettered, "$1, "),
    )
      .replace(/\s+/gu, " ")
      .trim();
    if (content === "" || isRule(content)) {
      isBreak = true;
      continue;
    }
    if (spoken !== "") spoken += (isBreak || isBlock) && !/[.!?:;,…]["”’)]*$/u.test(spoken.slice(-8)) ? ". " : " ";
    spoken += content.startsWith("|") ? content.replace(/^\||\|$/gu, "").trim() : content;
    isBreak = isBlock;
  }
  return spoken;
}

function isListed(line: string): boolean {
  return bullet.test(line) || lettered.test(line) || line.replace(numbered, marker) !== line;
}

/** "1. Kimlik" and "1) kimlik" count entries; "1. Dünya Savaşı" and "3. katta" are ordinals. */
function marker(written: string, number: string, mark: string, first: string, at: number, line: string): string {
  const isOrdinal = mark === "." && (!/\p{Lu}/u.test(first) || ordinalNoun.test(line.slice(at + written.length)));
  return isOrdinal ? written : `${cardinalWords(number)}, `;
}

/** A line of dashes, or the one below a table's head. */
function isRule(content: string): boolean {
  return content.length >= 3 && /^[-*_|: =]+$/u.test(content);
}

function inline(line: string): string {
  return line
    .replace(blankGrouped, (number) => number.replace(/\s/gu, "."))
    .replace(/!?\[([^[\]]{0,300})\]\([^()\s]{0,500}\)/gu, "$1")
    .replace(/ ?\[\^?\d{1,3}(?: ?[,–-] ?\d{1,3}){0,6}\]/gu, "")
    .replace(/<\/?[a-zA-Z][^<>]{0,100}>/gu, " ")
    .replace(/&(?:amp|lt|gt|nbsp|quot|#39);/gu, (entity) => entities[entity] ?? " ")
    .replace(/`{1,3}|~~/gu, "")
    .replace(/(?<!\*)\*{2,3}(?!\*)/gu, "")
    .replace(/(?<![\p{L}\p{N}*])\*(?=[\p{L}"“])|(?<=[\p{L}.,!?"”])\*(?![*\p{L}\p{N}])/gu, "")
    .replace(/(?<![\p{L}\p{N}_])_{1,2}(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}.,!?])_{1,2}(?![\p{L}\p{N}_])/gu, "");
}
