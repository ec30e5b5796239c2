/** What stands for every value beyond those that have a series of their own. */
export const other = "other";

/** Turns what is seen into what may stand in a label. */
export type Label = (value: string) => string;

/** The first `most` different values have series of their own, all later ones are `other`. */
export function boundedLabel(most: number): Label {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most || value.length > 128) return other;
    known.add(value);
    return value;
  };
}

/** Only these values have series. */
export function closedLabel(values: readonly string[]): Label {
  const known = new Set(values);
  return (value) => (known.has(value) ? value : other);
}

/** The first `most` different sets of labels stand as they are, all later ones are made coarser by `fold`. */
export function boundedSets<Labels extends Readonly<Record<string, string>>>(
  most: number,
  fold: (labels: Labels) => Labels,
): (labels: Labels) => Labels {
  const known = new Set<string>();
  return (labels) => {
    const key = Object.values(labels).join("\u0000");
    if (known.has(key)) return labels;
    if (known.size >= most) return fold(labels);
    known.add(key);
    return labels;
  };
}

/** The labels that several metrics share. What is bounded here is bounded for the life of the process. */
export interface Labels {
  /** A sector's id, `none` where there is none, `all` where all are meant. */
  readonly sector: Label;
  /** `name@version`, or `none`. */
  readonly adapter: Label;
  /** A route as it is registered. */
  readonly endpoint: Label;
  readonly method: Label;
  /** A code of docs/errors.md, or a status. */
  readonly error: Label;
}

export interface LabelLimits {
  readonly maxSectors: number;
  readonly maxAdapters: number;
}

export const labelDefaults: LabelLimits = { maxSectors: 48, maxAdapters: 64 };

const maxEndpoints = 128;
const maxErrors = 128;
/** `JOB` is how jobs come in. */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "JOB"];

export function createLabels({ maxSectors, maxAdapters }: LabelLimits): Labels {
  const sector = boundedLabel(maxSectors);
  return {
    sector: (id) => (id === "none" || id === "all" ? id : sector(id)),
    adapter: boundedLabel(maxAdapters),
    endpoint: boundedLabel(maxEndpoints),
    method: closedLabel(methods),
    error: boundedLabel(maxErrors),
  };
}
