import { dottedAbbreviation } from "./abbreviations.ts";

/** Blanks looked across for the next sentence's beginning. */
const lookaheadCharacters = 64;
/** Marks, and closing quotes, taken together: more are no ending but a line of dots. */
const longestRun = 16;

/**
 * Whether the run of marks that begins at `at` ends a sentence. Full stops inside numbers, addresses and initials, behind ordinals
 * ("3.", "19. Hukuk Dairesi") and behind abbreviations ("Dr.", "vb." within a sentence) do not.
 * @param at index of one of . ! ? …
 * @param complete no more text will come
 * @returns the index behind the marks and closing quotes; "no"; or "wait" where only more text can tell
 */
export function sentenceEnd(text: string, at: number, complete: boolean): number | "no" | "wait" {
  const marksEnd = runEnd(text, at, ".!?…");
  const marks = text.slice(at, marksEnd);
  const end = runEnd(text, marksEnd, `"'”’»)]*_`);
  if (end === text.length) return complete ? end : "wait";
  if (!/\s/u.test(text[end] ?? "")) return "no";
  if (marks !== ".") return end;
  const word = wordBefore(text, at);
  if (/^\p{Lu}$|\.\p{L}$|^\p{L}\.$/u.test(word)) return nextDecides(text, end, complete, word);
  if (/(?:^|\p{L}:)\d{1,3}$|^[IVXL]{2,6}$/u.test(word)) return "no";
  const abbreviation = dottedAbbreviation(word);
  if (abbreviation === undefined) return end;
  if (abbreviation.place === "anywhere") return "no";
  const next = nextVisible(text, end);
  if (next === undefined) return complete ? end : text.length - end > lookaheadCharacters ? end : "wait";
  if (abbreviation.place === "before-number") return /\d/u.test(next) ? "no" : end;
  if (abbreviation.place === "before-name") return "no";
  return /[\p{Lu}"“]/u.test(next) ? end : "no";
}

/** A.Ş. and M.Ö. end a sentence before a capital; a single initial ("M. Kemal") and T.C. do not. */
function nextDecides(text: string, end: number, complete: boolean, word: string): number | "no" | "wait" {
  if (!word.includes(".") || word === "T.C") return "no";
  const next = nextVisible(text, end);
  if (next === undefined) return complete || text.length - end > lookaheadCharacters ? end : "wait";
  return /\p{Lu}/u.test(next) ? end : "no";
}

function runEnd(text: string, from: number, characters: string): number {
  let end = from;
  while (end < text.length && end - from < longestRun && characters.includes(text[end] ?? "")) end += 1;
  return end;
}

function nextVisible(text: string, at: number): string | undefined {
  return /\S/u.exec(text.slice(at, at + lookaheadCharacters))?.[0];
}

function wordBefore(text: string, at: number): string {
  return /[\p{L}\d.,:]*$/u.exec(text.slice(Math.max(0, at - 16), at))?.[0] ?? "";
}
