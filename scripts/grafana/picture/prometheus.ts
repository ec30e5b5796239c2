export type Labels = Readonly<Record<string, string>>;

/** Values over time, seconds since 1970; NaN and infinities left out. */
export interface Series {
  readonly labels: Labels;
  readonly points: readonly (readonly [number, number])[];
}

/** What is asked of one Prometheus. */
export interface Prometheus {
  /** Values from `fromS` to `toS`, one each `stepS`. */
  range(expr: string, fromS: number, toS: number, stepS: number): Promise<readonly Series[]>;
  /** One value a series, at `atS`; default now. */
  instant(expr: string, atS?: number): Promise<readonly Series[]>;
  /** Names of all metrics it has ever seen. */
  metricNames(): Promise<ReadonlySet<string>>;
}

interface Answer<T> {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data: T;
}

type Sample = readonly [number, string];

const waitLimitMs = 30_000;

/** @param url without a path */
export function prometheusAt(url: string): Prometheus {
  return {
    range: async (expr, fromS, toS, stepS) => {
      const found = await ask<{ result: { metric: Labels; values: Sample[] }[] }>(url, "query_range", {
        query: expr,
        start: String(fromS),
        end: String(toS),
        step: String(stepS),
      });
      return found.result.map(({ metric, values }) => seriesOf(metric, values));
    },
    instant: async (expr, atS) => {
      const at = atS === undefined ? {} : { time: String(atS) };
      const found = await ask<{ result: { metric: Labels; value: Sample }[] }>(url, "query", { query: expr, ...at });
      return found.result.map(({ metric, value }) => seriesOf(metric, [value]));
    },
    metricNames: async () => new Set(await ask<string[]>(url, "label/__name__/values", {})),
  };
}

/** @throws {Error} Prometheus refuses the expression, with its reason */
async function ask<T>(url: string, path: string, parameters: Record<string, string>): Promise<T> {
  const reply = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`, {
    signal: AbortSignal.timeout(waitLimitMs),
  });
  const answer = (await reply.json()) as Answer<T>;
  if (answer.status !== "success") throw new Error(`${answer.error}: ${parameters["query"]}`);
  return answer.data;
}

function seriesOf(labels: Labels, samples: readonly Sample[]): Series {
  const points = samples
    .map(([at, value]) => [at, Number(value)] as const)
    .filter(([, value]) => Number.isFinite(value));
  return { labels, points };
}
