import { plainText } from "./turkish-format.ts";

export interface Column {
  readonly title: string;
  /** Numbers read better flush right. */
  readonly right?: boolean;
}

/** Rows under their titles, columns two spaces apart, no trailing blanks; ends with a line feed. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => row.map((cell) => plainText(cell).replace(/\s+/g, " "))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => lengthOf(row[index] ?? ""))));
  const lines = cells.map((row) =>
    columns
      .map(({ right }, index) => {
        const cell = row[index] ?? "";
        const blanks = " ".repeat((widths[index] ?? 0) - lengthOf(cell));
        return right === true ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return `${[lines[0] ?? "", rule, ...lines.slice(1)].join("\n")}\n`;
}

/** Code points: Turkish letters count one, however they are stored. */
function lengthOf(text: string): number {
  return [...text.normalize("NFC")].length;
}
