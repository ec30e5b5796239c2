export type Unit = "share" | "points" | "count" | "of" | "score" | "ms" | "s" | "per-second" | "mb" | "words";

/** One number of the report, beside what was promised of it. */
export interface Figure {
  /** Stable, snake_case; the key in report.json and in the summary line. */
  readonly id: string;
  readonly label: string;
  /** A share is 0–1, points are hundredths. Null: there was nothing to measure it on. */
  readonly value: number | null;
  readonly unit: Unit;
  /** What the value is out of, where the unit is `of`. */
  readonly of?: number;
  readonly goal?: Goal;
  /** 95 % interval of a share, from the number of messages it rests on. */
  readonly interval?: readonly [number, number];
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number };

/** Whether the goal is met; undefined: there is none, or nothing was measured. */
export function isMet({ value, goal }: Figure): boolean | undefined {
  if (goal === undefined || value === null) return undefined;
  if ("atLeast" in goal) return value >= goal.atLeast;
  return "atMost" in goal ? value <= goal.atMost : value < goal.below;
}

export function formatGoal({ goal, unit, of }: Figure): string {
  if (goal === undefined) return "";
  if ("atLeast" in goal) return `≥ ${formatValue(goal.atLeast, unit, of)}`;
  return "atMost" in goal ? `≤ ${formatValue(goal.atMost, unit, of)}` : `< ${formatValue(goal.below, unit, of)}`;
}

export function formatFigure(figure: Figure): string {
  const { value, unit, of, interval } = figure;
  if (value === null) return "–";
  const text = formatValue(value, unit, of);
  return interval === undefined
    ? text
    : `${text} (${(100 * interval[0]).toFixed(1)}–${(100 * interval[1]).toFixed(1)})`;
}

/** ✓, ✗, or nothing where there is no goal or no value. */
export function mark(figure: Figure): string {
  const met = isMet(figure);
  return met === undefined ? "" : met ? "✓" : "✗";
}

const units: Readonly<Record<Unit, (value: number, of?: number) => string>> = {
  share: percent,
  points: (value) => `${value.toFixed(1)} points`,
  count: String,
  of: (value, of) => `${value} of ${of ?? "?"}`,
  score: (value) => value.toFixed(3),
  ms: (value) => `${value.toFixed(value < 10 ? 3 : 0)} ms`,
  s: (value) => `${value.toFixed(2)} s`,
  "per-second": (value) => `${value < 1000 ? value.toFixed(1) : Math.round(value)} /s`,
  mb: (value) => `${value.toFixed(1)} MB`,
  words: (value) => `${value.toFixed(1)} words`,
};

function formatValue(value: number, unit: Unit, of: number | undefined): string {
  return units[unit](value, of);
}

/** 0.9312 → "93.1 %" */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
