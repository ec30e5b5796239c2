import { Counter, Registry } from "prom-client";
import type { Engine } from "../inference/index.ts";
import { type Prices, registerCostMetrics } from "./cost-metrics.ts";
import { createEngineShares } from "./engine-shares.ts";
import { type FeedbackMetrics, registerFeedbackMetrics } from "./feedback-metrics.ts";
import { createLabels, type LabelLimits, type Labels, labelDefaults } from "./labels.ts";
import { type LimitsMetrics, registerLimitsMetrics } from "./limits-metrics.ts";
import { type ProcessName, registerProcessMetrics } from "./process-metrics.ts";
import { type RequestMetrics, registerRequestMetrics } from "./request-metrics.ts";
import { type RoutingMetrics, registerRoutingMetrics } from "./routing-metrics.ts";
import { registerTurnMetrics, type TurnMetrics } from "./turn-metrics.ts";

export interface GatewayMetrics extends RequestMetrics, RoutingMetrics, TurnMetrics, FeedbackMetrics, LimitsMetrics {
  readonly registry: Registry;
  /** For who registers more: the same value has the same label everywhere. */
  readonly labels: Labels;
  /** @param sector a configured sector id, or "all" */
  knowledgeSearched(facts: { sector: string; found: boolean }): void;
  requestRows(state: "kept" | "spooled" | "refused", rows: number): void;
  /** The same promise, with its time divided among those it works for, where that time has a price. */
  watchedEngine(engine: Engine): Engine;
  /** A reply's share of that time, by what the engine said of its own: the very object. */
  engineSecondsOf(timings: object | undefined): number | undefined;
}

export interface GatewayMetricsOptions {
  readonly process?: ProcessName;
  readonly prices?: Prices;
  readonly limits?: LabelLimits;
}

/** The gateway's numbers; every one is an event that happened. Labels are bounded: see labels.ts. */
export function createGatewayMetrics(options: GatewayMetricsOptions = {}): GatewayMetrics {
  const { process: name = "serve", prices, limits = labelDefaults } = options;
  const registry = new Registry();
  const labels = createLabels(limits);
  registerProcessMetrics(registry, name);
  const shares = createEngineShares(() => performance.now());
  const turns = [registerTurnMetrics(registry, labels), registerCostMetrics(registry, labels, prices)];
  return {
    registry,
    labels,
    ...registerRequestMetrics(registry, labels),
    ...registerRoutingMetrics(registry, labels),
    ...registerFeedbackMetrics(registry, labels),
    ...registerLimitsMetrics(registry),
    ...registerRecordMetrics(registry, labels),
    watchedEngine: (engine) => ((prices?.perGpuHour ?? 0) > 0 ? shares.watched(engine) : engine),
    engineSecondsOf: shares.secondsOf,
    turnEnded: (facts) => {
      for (const { turnEnded } of turns) turnEnded(facts);
    },
  };
}

/** What was looked up for replies, and what was written down of them. */
function registerRecordMetrics(
  registry: Registry,
  labels: Labels,
): Pick<GatewayMetrics, "knowledgeSearched" | "requestRows"> {
  const registers = [registry];
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
    knowledgeSearched: ({ sector, found }) => searches.inc({ sector: labels.sector(sector), found: String(found) }),
    requestRows: (state, rows) => rowsKept.inc({ state }, rows),
  };
}
