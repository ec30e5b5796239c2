import { Counter, Histogram, type Registry } from "prom-client";
import { closedLabel, type Labels } from "./labels.ts";

export interface RoutingFacts {
  /** A configured sector id or "none". */
  readonly sector: string;
  /** request, router, session or fallback. */
  readonly routedBy: string;
  readonly seconds: number;
  /** The router's, 0–1; undefined: it was not asked. */
  readonly confidence?: number | undefined;
  /** The session had another sector before. */
  readonly switched?: boolean;
}

export interface RoutingMetrics {
  routed(facts: RoutingFacts): void;
}

/** Who goes where, and how sure the router is. */
export function registerRoutingMetrics(registry: Registry, labels: Labels): RoutingMetrics {
  const registers = [registry];
  const decisions = new Counter({
    name: "turkish_ai_routing_decisions_total",
    help: "Routing decisions by sector and by who decided (request, router, session, fallback).",
    labelNames: ["sector", "routed_by"],
    registers,
  });
  const seconds = new Histogram({
    name: "turkish_ai_routing_seconds",
    help: "Time of one routing decision.",
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05],
    registers,
  });
  const confidences = new Histogram({
    name: "turkish_ai_router_confidence",
    help: "The router's confidence, 0-1, where it chose a sector (routed) and where it chose none (abstained).",
    labelNames: ["outcome"],
    buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],
    registers,
  });
  const switches = new Counter({
    name: "turkish_ai_router_switches_total",
    help: "Turns whose sector is another than their conversation had before.",
    registers,
  });
  const deciders = closedLabel(["request", "router", "session", "fallback"]);
  return {
    routed: ({ sector, routedBy, seconds: took, confidence, switched = false }) => {
      decisions.inc({ sector: labels.sector(sector), routed_by: deciders(routedBy) });
      seconds.observe(took);
      if (confidence !== undefined)
        confidences.observe({ outcome: sector === "none" ? "abstained" : "routed" }, confidence);
      if (switched) switches.inc();
    },
  };
}
