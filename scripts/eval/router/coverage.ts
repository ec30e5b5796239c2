import type { Trusted } from "./calibration.ts";

export interface CoveragePoint {
  /** Part of the messages that is answered when only those at least this sure are, 0–1. */
  readonly coverage: number;
  /** Wrong ones among the answered, 0–1. */
  readonly error: number;
  readonly confidence: number;
}

/** The surest first; messages of equal confidence come together, as no threshold could part them. */
export function coverageCurve(trusted: readonly Trusted[]): CoveragePoint[] {
  const sorted = [...trusted].sort((a, b) => b.confidence - a.confidence);
  const points: CoveragePoint[] = [];
  let wrong = 0;
  for (const [at, one] of sorted.entries()) {
    if (!one.right) wrong++;
    if (sorted[at + 1]?.confidence === one.confidence) continue;
    points.push({ coverage: (at + 1) / sorted.length, error: wrong / (at + 1), confidence: one.confidence });
  }
  return points;
}

/** The error when at least this part is answered; null of nothing. */
export function errorAt(curve: readonly CoveragePoint[], coverage: number): number | null {
  return curve.find((point) => point.coverage >= coverage)?.error ?? null;
}
