/** One line, bar or number of a panel. */
export interface Query {
  readonly expr: string;
  /** Grafana's legend: text with `{{label}}`. */
  readonly legend: string;
}

/** From `from` on the value has this colour. */
export interface Step {
  readonly from: number;
  readonly color: "green" | "yellow" | "orange" | "red" | "blue";
}

/** What a panel says; `kind` is how it is drawn. */
export interface PanelPlan {
  readonly kind: "lines" | "stat" | "gauge" | "bars" | "heat" | "table";
  /** Turkish. */
  readonly title: string;
  /** The same in English; opens the description. */
  readonly english: string;
  /** Turkish: what is good, what is bad, where the number comes from. */
  readonly about: string;
  /** Of @grafana/grafana-foundation-sdk/units. */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly steps?: readonly Step[];
  /** Colour below the first step; default green. */
  readonly base?: Step["color"];
  readonly min?: number;
  readonly max?: number;
  readonly stacked?: boolean;
  /** Stem of the file in docs/runbooks. */
  readonly runbook?: string;
  /** Of 24 columns; default 8. */
  readonly width?: number;
  /** Default 8. */
  readonly height?: number;
}

export interface RowPlan {
  /** Turkish. */
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

/** Good below `warn`, bad from `bad` on. */
export function badAbove(warn: number, bad: number): readonly Step[] {
  return [
    { from: warn, color: "yellow" },
    { from: bad, color: "red" },
  ];
}

/** For a plan with `base: "red"`: bad below `fair`, good from `good` on. */
export function goodAbove(fair: number, good: number): readonly Step[] {
  return [
    { from: fair, color: "yellow" },
    { from: good, color: "green" },
  ];
}
