/** Selectors of the template variables: `All` is `.*`, which also matches a series without the label. */
export const chosenInstance = `instance=~"$instance"`;
export const chosenSector = `sector=~"$sector", ${chosenInstance}`;
/** Requests of people and programs, as monitoring/rules counts them: no probes, no scrapes, no addresses that nobody serves. */
export const ofPeople = `endpoint!~"/health.*|/metrics|unknown", ${chosenSector}`;
export const chosenAdapter = `adapter=~"$adapter", ${chosenInstance}`;

/** Per-second rate of a counter over what Grafana thinks is enough scrapes. */
export function rate(counter: string, selector: string): string {
  return `rate(${counter}{${selector}}[$__rate_interval])`;
}

/** @param by labels, comma-separated; "" sums everything */
export function sumRate(counter: string, selector: string, by = ""): string {
  return `sum ${grouping(by)}(${rate(counter, selector)})`;
}

/** A quantile of a histogram. @param of 0–1 */
export function quantile(of: number, histogram: string, selector: string, by = ""): string {
  const labels = by === "" ? "le" : `le, ${by}`;
  return `histogram_quantile(${of}, ${sumRate(`${histogram}_bucket`, selector, labels)})`;
}

/** Mean of what a histogram observed; nothing where it observed nothing. */
export function mean(histogram: string, selector: string, by = ""): string {
  return `${sumRate(`${histogram}_sum`, selector, by)} / (${sumRate(`${histogram}_count`, selector, by)} > 0)`;
}

/** A part of a whole, 0–1: 0 where the part has no series yet, nothing where the whole did not move. */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`;
}

function grouping(by: string): string {
  return by === "" ? "" : `by (${by}) `;
}
