export interface Scored {
  /** The higher, the more it looks like what is to be found. */
  readonly score: number;
  /** It is what is to be found. */
  readonly positive: boolean;
}

export interface RocPoint {
  /** Part of the negatives taken for positives, 0–1. */
  readonly falsePositive: number;
  /** Part of the positives found, 0–1. */
  readonly truePositive: number;
}

/** From (0, 0) to (1, 1) as the threshold falls; [] where one of the two kinds is missing. */
export function rocCurve(scored: readonly Scored[]): RocPoint[] {
  const positives = scored.filter((one) => one.positive).length;
  const negatives = scored.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const sorted = [...scored].sort((a, b) => b.score - a.score);
  const points: RocPoint[] = [{ falsePositive: 0, truePositive: 0 }];
  let found = 0;
  for (const [at, one] of sorted.entries()) {
    if (one.positive) found++;
    // Equal scores fall together: the line between is what guessing among them would give.
    if (sorted[at + 1]?.score === one.score) continue;
    points.push({ falsePositive: (at + 1 - found) / negatives, truePositive: found / positives });
  }
  return points;
}

/** Area under the curve: 1 parts the two perfectly, 0.5 is chance; null without a curve. */
export function areaUnder(curve: readonly RocPoint[]): number | null {
  if (curve.length === 0) return null;
  let area = 0;
  for (const [at, point] of curve.entries()) {
    const next = curve[at + 1];
    if (next === undefined) break;
    area += ((next.falsePositive - point.falsePositive) * (next.truePositive + point.truePositive)) / 2;
  }
  return area;
}
