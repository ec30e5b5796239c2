/** Value below which a share `p` (0–1) of `values` lies, by linear interpolation; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** An interval that holds the true median 19 times in 20: order statistics by the sign test (normal approximation of the binomial). */
export function medianBetween(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - half) - 1);
  const high = Math.min(sorted.length - 1, Math.ceil(sorted.length / 2 + half));
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
}

/** Slope of the least-squares line through the points, y a unit of x. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

/** A line of bars, lowest to highest, at most `width` of them. */
export function sparkline(values: readonly number[], width = 60): string {
  const bars = [..."▁▂▃▄▅▆▇█"];
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const count = Math.min(width, values.length);
  return Array.from({ length: count }, (_, at) => {
    const value = values[Math.floor((at * values.length) / count)] ?? low;
    return bars[range === 0 ? 0 : Math.round(((value - low) / range) * (bars.length - 1))];
  }).join("");
}

/** Rounded for a table. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
