import { colours, line, rect, svg, text } from "./svg.ts";

export interface Bars {
  readonly title: string;
  readonly labels: readonly string[];
  /** One or more bars a label; null: no bar. */
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** The value of the longest bar. */
  readonly limit: number;
  readonly format: (value: number) => string;
  /** A line across, at what was promised. */
  readonly goal?: number;
}

const left = 190;
const span = 400;
const top = 56;

/** Lying bars, one group a label. */
export function bars({ title, labels, series, limit, format, goal }: Bars): string {
  const thickness = series.length === 1 ? 14 : 10;
  const group = series.length * thickness + 8;
  const height = top + labels.length * group + 12;
  const reach = (value: number): number => (span * Math.max(0, Math.min(limit, value))) / limit;
  const parts = [text(12, 22, title, { size: 14 })];
  let legendX = left;
  for (const [at, { name }] of series.entries()) {
    parts.push(rect(legendX, 34, 10, 10, colours[at % colours.length] ?? colours[0]), text(legendX + 15, 43, name));
    legendX += 40 + name.length * 6.2;
  }
  for (const [row, label] of labels.entries()) {
    const y = top + row * group;
    parts.push(text(left - 8, y + group / 2, label, { anchor: "end" }));
    for (const [at, { values }] of series.entries()) {
      const value = values[row] ?? null;
      if (value === null) continue;
      const barY = y + at * thickness;
      parts.push(rect(left, barY, reach(value), thickness - 1, colours[at % colours.length] ?? colours[0]));
      parts.push(text(left + reach(value) + 5, barY + thickness - 3, format(value), { size: 10 }));
    }
  }
  if (goal !== undefined) parts.push(line(left + reach(goal), top - 6, left + reach(goal), height - 10, "#000", true));
  return svg(left + span + 80, height, title, parts);
}
