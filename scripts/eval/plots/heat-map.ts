import { rect, svg, text } from "./svg.ts";

export interface HeatMap {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** values[row][column] */
  readonly values: readonly (readonly number[])[];
  /** The value of the strongest colour; a diverging map goes from −limit to limit. */
  readonly limit: number;
  readonly colours: "sequential" | "diverging";
  /** What stands in a cell; empty for none. */
  readonly label: (value: number, row: number, column: number) => string;
  readonly rowTitle: string;
  readonly columnTitle: string;
}

const cell = 30;
const left = 190;
const top = 165;
/** The slanting name of the last column reaches beyond it. */
const right = 90;

/** Rows down, columns across, a number in each cell that has something to say. */
export function heatMap(map: HeatMap): string {
  const width = left + map.columns.length * cell + right;
  const height = top + map.rows.length * cell + 20;
  const parts = [text(12, 20, map.title, { size: 14 }), text(12, 38, `${map.rowTitle} ↓   ${map.columnTitle} →`)];
  for (const [at, name] of map.columns.entries())
    parts.push(text(left + at * cell + cell / 2 + 4, top - 8, name, { turn: -60 }));
  for (const [row, name] of map.rows.entries()) {
    const y = top + row * cell;
    parts.push(text(left - 8, y + cell / 2 + 4, name, { anchor: "end" }));
    for (const [column, value] of (map.values[row] ?? []).entries()) {
      const x = left + column * cell;
      const strength = Math.max(-1, Math.min(1, value / map.limit));
      const tip = `${name} → ${map.columns[column] ?? ""}: ${value}`;
      parts.push(
        rect(x, y, cell - 1, cell - 1, map.colours === "diverging" ? twoSided(strength) : blue(strength), tip),
      );
      const label = map.label(value, row, column);
      const fill = Math.abs(strength) > 0.6 ? "#fff" : "#222";
      if (label !== "") parts.push(text(x + cell / 2, y + cell / 2 + 3, label, { anchor: "middle", size: 9, fill }));
    }
  }
  return svg(width, height, map.title, parts);
}

/** White to blue. @param strength 0–1 */
function blue(strength: number): string {
  return blend([247, 249, 252], [23, 78, 148], Math.max(0, strength));
}

/** Green below zero, white, red above. @param strength −1–1 */
function twoSided(strength: number): string {
  return blend([250, 250, 250], strength < 0 ? [24, 112, 66] : [176, 48, 32], Math.abs(strength));
}

type Rgb = readonly [number, number, number];

function blend(from: Rgb, to: Rgb, part: number): string {
  const mixed = from.map((one, at) => Math.round(one + ((to[at] ?? one) - one) * part));
  return `rgb(${mixed.join(",")})`;
}
