/** What Grafana would know; durations as PromQL writes them. */
export interface Shown {
  /** `$__rate_interval`: at least four scrapes. */
  readonly rateInterval: string;
  /** `$__range`: all of the time that is shown. */
  readonly range: string;
}

/**
 * The expression with every variable at `All`, as Grafana sends it.
 * @throws {Error} a variable that nobody here knows stands in it
 */
export function substitute(expr: string, { rateInterval, range }: Shown): string {
  const values: Readonly<Record<string, string>> = {
    sector: ".*",
    adapter: ".*",
    instance: ".*",
    __rate_interval: rateInterval,
    __range: range,
  };
  return expr.replaceAll(/\$\{?(\w+)\}?/g, (variable, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${variable} has no value: ${expr}`);
    return value;
  });
}
