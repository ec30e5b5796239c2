export interface Trusted {
  /** 0–1 */
  readonly confidence: number;
  readonly right: boolean;
}

export interface ReliabilityBin {
  /** Confidence from here (inclusive), 0–1. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence and share of right answers; null where the bin is empty. */
  readonly confidence: number | null;
  readonly right: number | null;
}

/** Confidence against being right, in bins of equal width; 1 belongs to the last. */
export function reliability(trusted: readonly Trusted[], bins = 10): ReliabilityBin[] {
  return Array.from({ length: bins }, (_, at) => {
    const inside = trusted.filter(({ confidence }) => Math.min(bins - 1, Math.floor(confidence * bins)) === at);
    const count = inside.length;
    return {
      from: at / bins,
      to: (at + 1) / bins,
      count,
      confidence: count === 0 ? null : inside.reduce((sum, one) => sum + one.confidence, 0) / count,
      right: count === 0 ? null : inside.filter((one) => one.right).length / count,
    };
  });
}

/** Expected calibration error: the bins' gaps, weighted by how many lie in each; 0–1. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const all = bins.reduce((sum, bin) => sum + bin.count, 0);
  const gaps = bins.reduce((sum, bin) => sum + bin.count * Math.abs((bin.confidence ?? 0) - (bin.right ?? 0)), 0);
  return gaps / Math.max(1, all);
}
