import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { registerProcessMetrics } from "./process-metrics.ts";

/** Seconds; dense where people notice. */
const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface GatewayMetrics {
  readonly registry: Registry;
  requestStarted(): void;
  /** @param sector a configured sector id or "none" */
  requestEnded(facts: { sector: string; endpoint: string; method: string; seconds: number; errorType?: string }): void;
  routed(facts: { sector: string; routedBy: string; seconds: number }): void;
  /** @param sector a configured sector id, or "all" */
  knowledgeSearched(facts: { sector: string; found: boolean }): void;
  requestRows(state: "kept" | "spooled" | "refused", rows: number): void;
}

/** The gateway's numbers; every one is an event that happened. Labels come from closed sets, so cardinality is bounded. */
export function createGatewayMetrics(): GatewayMetrics {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const registers = [registry];
  const requests = new Counter({
    name: "turkish_ai_requests_total",
    help: "Requests answered, by sector, route and method.",
    labelNames: ["sector", "endpoint", "method"],
    registers,
  });
  const errors = new Counter({
    name: "turkish_ai_errors_total",
    help: "Requests that ended in an error, by its code.",
    labelNames: ["sector", "endpoint", "error_type"],
    registers,
  });
  const seconds = new Histogram({
    name: "turkish_ai_response_time_seconds",
    help: "Time from request to the end of its reply, streaming included.",
    labelNames: ["sector", "endpoint"],
    buckets: latencyBuckets,
    registers,
  });
  const inProgress = new Gauge({
    name: "turkish_ai_requests_in_progress",
    help: "Requests being answered now.",
    registers,
  });
  const decisions = new Counter({
    name: "turkish_ai_routing_decisions_total",
    help: "Routing decisions by sector and by who decided (request, router, session, fallback).",
    labelNames: ["sector", "routed_by"],
    registers,
  });
  const routingSeconds = new Histogram({
    name: "turkish_ai_routing_seconds",
    help: "Time of one routing decision.",
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05],
    registers,
  });
  const searches = new Counter({
    name: "sektor_knowledge_searches_total",
    help: "Searches in the sectors' documents, by whether a passage was close enough to be used.",
    labelNames: ["sector", "found"],
    registers,
  });
  const rowsKept = new Counter({
    name: "sektor_request_rows_total",
    help: "Rows of the request log: kept in the database, spooled while it was away, refused for want of room.",
    labelNames: ["state"],
    registers,
  });
  return {
    registry,
    requestStarted: () => inProgress.inc(),
    requestEnded: ({ sector, endpoint, method, seconds: took, errorType }) => {
      inProgress.dec();
      requests.inc({ sector, endpoint, method });
      seconds.observe({ sector, endpoint }, took);
      if (errorType !== undefined) errors.inc({ sector, endpoint, error_type: errorType });
    },
    routed: ({ sector, routedBy, seconds: took }) => {
      decisions.inc({ sector, routed_by: routedBy });
      routingSeconds.observe(took);
    },
    knowledgeSearched: ({ sector, found }) => searches.inc({ sector, found: String(found) }),
    requestRows: (state, rows) => rowsKept.inc({ state }, rows),
  };
}
