/** Share of those for which `is` holds, 0–1; null of nothing. */
export function share<T>(of: readonly T[], is: (one: T) => boolean): number | null {
  return of.length === 0 ? null : of.filter(is).length / of.length;
}

/** Null of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}

/**
 * Wilson's 95 % interval of a share: what the true one may well be, given how few it was counted on.
 * @param share 0–1
 */
export function wilson(share: number, count: number): readonly [number, number] {
  const z = 1.96;
  const centre = share + z ** 2 / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const whole = 1 + z ** 2 / count;
  return [Math.max(0, (centre - reach) / whole), Math.min(1, (centre + reach) / whole)];
}
