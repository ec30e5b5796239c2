/** What a group of ratings comes to. */
export interface RatingSummary {
  readonly count: number;
  /** 1–5; null: nobody rated. */
  readonly mean: number | null;
  /** 95 % confidence interval of the mean (Student's t), within 1–5; null with fewer than two ratings. */
  readonly low: number | null;
  readonly high: number | null;
  /** How many gave 1, 2, 3, 4, 5. */
  readonly histogram: readonly [number, number, number, number, number];
}

export interface FeedbackReport {
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly total: RatingSummary;
  /** Most feedback first; null: no sector. */
  readonly sectors: readonly (RatingSummary & { readonly sector: string | null })[];
  /** `name@version`; null: the base answered, or the request is not known. */
  readonly adapters: readonly (RatingSummary & { readonly adapter: string | null })[];
  /** Most frequent first, at most 20; the newest texts as examples. */
  readonly issues: readonly {
    readonly category: string;
    readonly count: number;
    readonly examples: readonly string[];
  }[];
  /** Most frequent first, then the newest; at most 50. Those a reader would call the same are one. */
  readonly suggestions: readonly { readonly text: string; readonly count: number }[];
  /** Weeks by ISO 8601, in UTC, oldest first; `week` is its Monday. */
  readonly weeks: readonly (RatingSummary & { readonly week: string })[];
}

/** How often a rating was given to what. */
export interface RatingCount {
  readonly sector: string | null;
  readonly adapter: string | null;
  readonly week: string;
  readonly rating: number;
  readonly count: number;
}

/** Groups by what `of` says, most feedback first, then by name. */
export function groupedBy<Key extends string | null>(
  counts: readonly RatingCount[],
  of: (count: RatingCount) => Key,
): readonly (readonly [Key, RatingSummary])[] {
  const groups = new Map<Key, RatingCount[]>();
  for (const count of counts) {
    const group = groups.get(of(count)) ?? [];
    group.push(count);
    groups.set(of(count), group);
  }
  return [...groups]
    .map(([key, group]) => [key, summaryOf(group)] as const)
    .sort(([a, one], [b, other]) => other.count - one.count || (a ?? "").localeCompare(b ?? "", "en"));
}

export function summaryOf(counts: readonly { readonly rating: number; readonly count: number }[]): RatingSummary {
  const histogram: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const { rating, count } of counts) histogram[rating - 1] = (histogram[rating - 1] ?? 0) + count;
  const count = histogram.reduce((sum, some) => sum + some, 0);
  if (count === 0) return { count, mean: null, low: null, high: null, histogram };
  const mean = histogram.reduce((sum, some, at) => sum + some * (at + 1), 0) / count;
  if (count === 1) return { count, mean, low: null, high: null, histogram };
  const squares = histogram.reduce((sum, some, at) => sum + some * (at + 1 - mean) ** 2, 0);
  const margin = studentT(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { count, mean, low: Math.max(1, mean - margin), high: Math.min(5, mean + margin), histogram };
}

/** 97.5 % quantiles of Student's t for 1–30 degrees of freedom. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Beyond the table by its expansion around the normal distribution; right to three digits. */
function studentT(degrees: number): number {
  const z = 1.959964;
  return quantiles[degrees - 1] ?? z + (z ** 3 + z) / (4 * degrees);
}
