import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type TraceLabel, traceExemplar } from "./exemplar.ts";
import { boundedSets, type Labels, other } from "./labels.ts";

export interface RequestFacts {
  /** A configured sector id, or "none". */
  readonly sector: string;
  /** The route as it is registered. */
  readonly endpoint: string;
  /** `JOB`: it came out of the queue. */
  readonly method: string;
  readonly seconds: number;
  /** A code of docs/errors.md, or a status; undefined: nothing went wrong. */
  readonly errorType?: string;
  /** The kept trace it belongs to. */
  readonly traceId?: string | undefined;
}

export interface RequestMetrics {
  requestStarted(): void;
  requestEnded(facts: RequestFacts): void;
}

/** Seconds. 0.15 and 0.5 are promised figures, the others tell fast from slow; few, because there are many series of them. */
const buckets = [0.05, 0.15, 0.5, 1, 2.5, 10];
/** Pairs of sector and route that have a histogram of their own, such as 22 sectors on three routes; and routes without a sector. */
const mostTimed = { withSector: 66, without: 24 };
const mostCounted = 320;
/** With their route, and without it. What went wrong is always told: there are as many codes as there are. */
const mostErrors = { byRoute: 100, bySector: 80 };

/** What is asked, how long it takes and what goes wrong. */
export function registerRequestMetrics(registry: Registry, labels: Labels): RequestMetrics {
  const requests = new Counter({
    name: "turkish_ai_requests_total",
    help: "Requests answered, by sector, route and method (JOB: work out of the queue).",
    labelNames: ["sector", "endpoint", "method"],
    registers: [registry],
  });
  // An exemplar wants a registry that says it writes OpenMetrics; ours writes both, so it is registered by hand.
  const errors = new Counter<"sector" | "endpoint" | "error_type" | TraceLabel>({
    name: "turkish_ai_errors_total",
    help: "Requests that ended in an error, by its code.",
    labelNames: ["sector", "endpoint", "error_type"],
    enableExemplars: true,
    registers: [],
  });
  const seconds = new Histogram<"sector" | "endpoint" | TraceLabel>({
    name: "turkish_ai_response_time_seconds",
    help: "Time from request to the end of its reply, streaming included.",
    labelNames: ["sector", "endpoint"],
    buckets,
    enableExemplars: true,
    registers: [],
  });
  registry.registerMetric(errors);
  registry.registerMetric(seconds);
  const inProgress = new Gauge({
    name: "turkish_ai_requests_in_progress",
    help: "Requests being answered now.",
    registers: [registry],
  });
  const counted = boundedSets<Record<"sector" | "endpoint" | "method", string>>(mostCounted, (set) => ({
    ...set,
    endpoint: other,
    method: other,
  }));
  const coarser = (set: Record<"sector" | "endpoint", string>) => ({ ...set, endpoint: other });
  const timedTurn = boundedSets(mostTimed.withSector, coarser);
  const timedOther = boundedSets(mostTimed.without, coarser);
  const failedBySector = boundedSets<Record<"sector" | "endpoint" | "error_type", string>>(
    mostErrors.bySector,
    (set) => ({ ...set, sector: other }),
  );
  const failed = boundedSets<Record<"sector" | "endpoint" | "error_type", string>>(mostErrors.byRoute, (set) =>
    failedBySector({ ...set, endpoint: other }),
  );
  return {
    requestStarted: () => inProgress.inc(),
    requestEnded: (facts) => {
      const sector = labels.sector(facts.sector);
      const endpoint = labels.endpoint(facts.endpoint);
      const trace = traceExemplar(facts.traceId);
      const timed = sector === "none" ? timedOther : timedTurn;
      inProgress.dec();
      requests.inc(counted({ sector, endpoint, method: labels.method(facts.method) }));
      seconds.observe({ labels: timed({ sector, endpoint }), value: facts.seconds, ...trace });
      if (facts.errorType === undefined) return;
      const error_type = labels.error(facts.errorType);
      errors.inc({ labels: failed({ sector, endpoint, error_type }), value: 1, ...trace });
    },
  };
}
