import { foldTurkish } from "../../foundation/index.ts";
import { integerBelow, type Random } from "./random.ts";

/** Chance of a slip at a letter, by how the copy is meant to be typed. */
export type Copy = "typo" | "shorthand" | "cut";

const neighbours: Readonly<Record<string, string>> = {
  a: "sqz",
  b: "vn",
  c: "xv",
  d: "sf",
  e: "wr",
  f: "dg",
  g: "fh",
  h: "gj",
  i: "uo",
  j: "hk",
  k: "jl",
  l: "k",
  m: "n",
  n: "bm",
  o: "ip",
  p: "o",
  r: "et",
  s: "ad",
  t: "ry",
  u: "yi",
  v: "cb",
  y: "tu",
  z: "xa",
};
const vowels = /[aeıioöuü]/u;

/**
 * A copy of a training text as a hurried person might have typed it. Diacritics, case and punctuation need no copy: the
 * features do not see them.
 * - `typo`: one letter in about twelve dropped, doubled, swapped with the next or replaced by its neighbour on the keyboard
 * - `shorthand`: vowels inside words left out, as in chats ("nasıl" → "nsl")
 * - `cut`: a third of the words left out, so that no single word carries the sector alone
 */
export function augment(text: string, copy: Copy, random: Random): string {
  const words = foldTurkish(text)
    .split(/\s+/u)
    .filter((word) => word !== "");
  if (copy === "cut") {
    const kept = words.filter(() => random() > 0.33);
    return (kept.length === 0 ? words : kept).join(" ");
  }
  return words.map((word) => (copy === "typo" ? mistype(word, random) : shorten(word, random))).join(" ");
}

function mistype(word: string, random: Random): string {
  let typed = "";
  for (let at = 0; at < word.length; at++) {
    const letter = word[at] as string;
    if (word.length < 3 || random() > 0.085) {
      typed += letter;
      continue;
    }
    const slip = integerBelow(random, 4);
    const next = word[at + 1];
    if (slip === 0) continue;
    if (slip === 1 && next !== undefined) {
      typed += next + letter;
      at++;
    } else if (slip === 2) {
      const near = neighbours[letter] ?? letter;
      typed += near[integerBelow(random, near.length)] ?? letter;
    } else typed += letter + letter;
  }
  return typed;
}

function shorten(word: string, random: Random): string {
  if (word.length < 4 || random() < 0.45) return word;
  return [...word]
    .filter((letter, at) => at === 0 || at === word.length - 1 || !vowels.test(letter) || random() < 0.3)
    .join("");
}
