/** What a bench answers: one table, and what a reader has to know to believe it. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes?: readonly string[];
}

/** As GitHub renders it. Numbers stand to the right. */
export function toMarkdown({ title, columns, rows, notes = [] }: BenchTable): string {
  const cells = [columns, ...rows].map((row) => row.map((cell) => String(cell).replaceAll("|", "\\|")));
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => (row[at] ?? "").length)));
  const isNumber = columns.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === "number"));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, at) => (isNumber[at] ? (row[at] ?? "").padStart(width) : (row[at] ?? "").padEnd(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (isNumber[at] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [
    `# ${title}`,
    "",
    line(head),
    rule,
    ...body.map(line),
    ...(notes.length === 0 ? [] : ["", ...notes.map((note) => `- ${note}`)]),
    "",
  ].join("\n");
}
