import type { TurnSource } from "./turn.ts";

/** Numbers of the sources a reply cites: `[1]`, `[1][2]` and `[1, 2]` are how models write it. */
export function citedNumbers(reply: string): ReadonlySet<number> {
  const numbers = [...reply.matchAll(/\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]/g)].flatMap(([, list = ""]) =>
    list.split(/[,;]/).map(Number),
  );
  return new Set(numbers);
}

/**
 * Which of the sources the reply cites.
 * @param reply what has been said so far; "" before the first word
 * @param first the number the first source has in the prompt
 */
export function withCitations<S extends object>(
  sources: readonly S[],
  reply: string,
  first = 1,
): readonly (S & { readonly cited: boolean })[] {
  if (sources.length === 0) return [];
  const cited = citedNumbers(reply);
  return sources.map((source, at) => ({ ...source, cited: cited.has(first + at) }));
}

/** A source as every transport tells it. */
export function tellSource({ document, title, chunk, score, sector, source, cited }: TurnSource) {
  return { document, title, chunk, score, sector, source, cited };
}
