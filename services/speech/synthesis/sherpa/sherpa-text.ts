import { foldTurkish } from "../../../foundation/index.ts";

/**
 * Text as sherpa-onnx is given it; "" where it cannot say any of it: asked for that, the library ends its process.
 * @param characters those a model that reads letter by letter knows; undefined: it reads in another way
 */
export function sherpaText(text: string, characters: ReadonlySet<string> | undefined): string {
  if (!/[\p{L}\p{N}]/u.test(text)) return "";
  if (characters === undefined) return text;
  const folded = foldTurkish(text);
  return [...folded].some((character) => character !== " " && characters.has(character)) ? folded : "";
}

/** The characters of a `tokens.txt`: a line is a token, a space and its number. */
export function charactersOf(tokens: string): ReadonlySet<string> {
  return new Set(tokens.split("\n").map((line) => line.slice(0, Math.max(0, line.lastIndexOf(" ")))));
}
