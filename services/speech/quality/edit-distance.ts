/** Fewest insertions, deletions and replacements that turn one list into the other (Levenshtein). */
export function editDistance<T>(expected: readonly T[], heard: readonly T[]): number {
  let row = Array.from({ length: heard.length + 1 }, (_, at) => at);
  for (const [above, wanted] of expected.entries()) {
    const next = [above + 1];
    for (const [at, got] of heard.entries())
      next.push(
        Math.min((row[at + 1] as number) + 1, (next[at] as number) + 1, (row[at] as number) + (wanted === got ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) as number;
}
