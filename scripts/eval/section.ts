import type { Figure } from "./figure.ts";

export const partNames = ["router", "answers", "perplexity", "speed"] as const;
export type PartName = (typeof partNames)[number];

export interface Table {
  readonly type: "table";
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly note?: string;
}

export interface Plot {
  readonly type: "plot";
  /** File name without ending, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** A whole `<svg>` element. */
  readonly svg: string;
  readonly note?: string;
}

/** What one part of the evaluation found. */
export interface Section {
  readonly part: PartName;
  readonly title: string;
  /** What a reader has to know to believe the figures. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  readonly blocks: readonly (Table | Plot)[];
  /** The same in numbers, for report.json; never a message of a test. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A part that could not be carried through. */
export interface FailedPart {
  readonly part: PartName;
  readonly fault: string;
}
