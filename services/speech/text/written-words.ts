import { dottedAbbreviation, initials, letterWise, wordWise } from "./abbreviations.ts";
import { spell } from "./letters.ts";
import { currencyAlone } from "./money.ts";
import { before, behind, matchAt, type Reader, type Reading } from "./reading.ts";
import { unitAlone, unitPattern } from "./units.ts";

const word = /[\p{L}\p{M}]+(?:['’‘ʼ´`]\p{L}[\p{L}\p{M}]*)*/uy;
const letters = /[\p{L}\p{M}]+/uy;
const dottedInitials = /(?:\p{L}\.){2,5}/uy;
/** Small letters people type for what they would spell: "kdv dahil". */
const smallLetterWise = /^(?:kdv|sgk|ssk|ötv|mtv|ptt|kvkk|tbmm|kyk|öss|eft|thy)$/u;
const vowel = /[aeıioöuüâîûAEIİOÖUÜÂÎÛ]/u;

/** A word, or what stands for one: abbreviations, capitals read by letter, units without a number. Plain words come out as they are. */
export const readWord: Reader = (text, at) => {
  const special = readLegal(text, at) ?? readInitials(text, at) ?? readUnitAlone(text, at) ?? readDotted(text, at);
  if (special !== undefined) return special;
  const run = matchAt(letters, text, at)?.[0];
  if (run === undefined) return undefined;
  const end = at + run.length;
  const spoken = capitalsSaid(run, behind(text, end));
  if (spoken !== undefined) {
    // The full stop of a lone initial: "M. Kemal".
    const isInitial = run.length === 1 && /^\. ?\p{Lu}/u.test(behind(text, end));
    return { end: isInitial ? end + 1 : end, spoken, takesSuffix: true };
  }
  const whole = matchAt(word, text, at)?.[0] ?? run;
  return { end: at + whole.length, spoken: whole.replace(/[’‘ʼ´`]/gu, "'"), asIs: true };
};

/** What only stands behind a number: 5651 s. Kanun, 2019/1234 E., 3. HD. */
function readLegal(text: string, at: number): Reading | undefined {
  const run = matchAt(letters, text, at)?.[0] ?? "";
  const previous = before(text, at);
  const hasStop = text[at + run.length] === ".";
  const end = at + run.length + (hasStop ? 1 : 0);
  if (run === "s" && hasStop && /\d $/u.test(previous)) return { end, spoken: "sayılı" };
  const docket = { E: "esas", K: "karar" }[run];
  if (docket !== undefined && hasStop && /\d\/\d{1,6} ?$/u.test(previous)) return { end, spoken: docket };
  const chamber = { HD: "Hukuk Dairesi", CD: "Ceza Dairesi" }[run];
  return chamber !== undefined && /\d\. ?$/u.test(previous)
    ? { end: at + run.length, spoken: chamber, takesSuffix: true }
    : undefined;
}

function readInitials(text: string, at: number): Reading | undefined {
  const written = matchAt(dottedInitials, text, at)?.[0];
  if (written === undefined) return undefined;
  const end = at + written.length;
  const spoken = initials[written];
  if (spoken !== undefined) return { end: stopKept(text, end), spoken, takesSuffix: true };
  const isName = [...written].every((character) => character === "." || /\p{Lu}/u.test(character));
  return isName
    ? { end: stopKept(text, end), spoken: spell(written.replace(/\./gu, "")), takesSuffix: true }
    : undefined;
}

/** Leaves the last full stop where a sentence ends with it: at the end, or before a capital. T.C. is before one as a rule. */
function stopKept(text: string, end: number): number {
  const isSentenceEnd =
    /^\s*$/u.test(behind(text, end)) || (/^\s\p{Lu}/u.test(behind(text, end)) && text.slice(end - 4, end) !== "T.C.");
  return isSentenceEnd ? end - 1 : end;
}

function readUnitAlone(text: string, at: number): Reading | undefined {
  const unit = matchAt(unitPattern, text, at);
  const spoken = unit === undefined ? undefined : unitAlone(unit[1] ?? "");
  if (unit === undefined || spoken === undefined) return undefined;
  return { end: at + (unit[1] ?? "").length, spoken, takesSuffix: true };
}

function readDotted(text: string, at: number): Reading | undefined {
  const run = matchAt(letters, text, at)?.[0] ?? "";
  const end = at + run.length;
  const rest = behind(text, end + 1);
  const abbreviation = dottedAbbreviation(run);
  if (abbreviation === undefined) return undefined;
  const { place, spoken } = abbreviation;
  const behindRun = behind(text, end);
  if (place === "before-number") {
    // A lone letter needs its mark: "m. 24", "D:5".
    if (!(run.length > 1 ? /^[:.]? ?[\d(+]/u : /^[:.] ?\d/u).test(behindRun)) return undefined;
    const said = run === "no" && /\p{L} $/u.test(before(text, at)) ? "numarası" : spoken;
    return { end: end + (/^[:.]/u.test(behindRun) ? 1 : 0), spoken: said };
  }
  if (text[end] !== ".") return undefined;
  if (place === "before-name" && !/^ ?\p{Lu}/u.test(rest)) return undefined;
  if (place === "may-end" || place === "anywhere") {
    const isEnd = /^["”’)\]]*\s*$/u.test(rest) || (place === "may-end" && /^["”’)\]]*\s\p{Lu}/u.test(rest));
    return { end: isEnd ? end : end + 1, spoken, takesSuffix: true };
  }
  return { end: end + 1, spoken };
}

/** How a run of capitals, or of letters that are typed like one, is said; nothing where it is a word. */
function capitalsSaid(run: string, rest: string): string | undefined {
  const money = currencyAlone(run);
  if (money !== undefined) return money;
  if (run.length > 6) return undefined;
  if (smallLetterWise.test(run)) return spell(run);
  if (run !== run.toLocaleUpperCase("tr")) return undefined;
  if (run.length === 1) return vowel.test(run) && !/^-?\d/u.test(rest) ? undefined : spell(run);
  const known = wordWise[run];
  if (known !== undefined) return known;
  if (letterWise.has(run)) return spell(run);
  if (!vowel.test(run) && run.length <= 5) return spell(run);
  return run.length <= 3 && /^-?\d/u.test(rest) ? spell(run) : undefined;
}
