import { Counter, Histogram, type Registry } from "prom-client";
import type { Labels } from "./labels.ts";

/** A turn as its row tells it, and what only the moment knows. */
export interface TurnFacts {
  /** Null: none. */
  readonly sector: string | null;
  /** `name@version`; null: the base answered, or nothing did. */
  readonly adapter: string | null;
  /** `ok`, `interrupted`, or the code it ended with. */
  readonly outcome: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** As the engine tells them; 0: it was not asked. */
  readonly promptMs: number;
  readonly predictedMs: number;
  readonly totalMs: number;
  /** From the request's arrival to the reply's first piece; undefined: none came, or it was a job's. */
  readonly firstTextMs?: number | undefined;
  /** The turn's share of the engine's time; undefined: not known, and what the engine tells stands for it. */
  readonly engineSeconds?: number | undefined;
}

export interface TurnMetrics {
  turnEnded(facts: TurnFacts): void;
}

/** What became of the turns, by who answered them. */
export function registerTurnMetrics(registry: Registry, labels: Labels): TurnMetrics {
  const registers = [registry];
  const turns = new Counter({
    name: "sektor_adapter_turns_total",
    help: "Turns by sector, by the adapter that answered (name@version, none: the base) and by how they ended (ok, error, aborted).",
    labelNames: ["sector", "adapter", "outcome"],
    registers,
  });
  const firstToken = new Histogram({
    name: "sektor_adapter_first_token_seconds",
    help: "Time from the request's arrival to the first piece of its reply.",
    labelNames: ["sector"],
    buckets: [0.15, 0.3, 0.5, 1, 2.5, 10],
    registers,
  });
  const wait = new Histogram({
    name: "sektor_engine_wait_seconds",
    help: "Time from the request's arrival to the moment the engine begins to compute it: session, routing, knowledge, queue.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  return {
    turnEnded: (facts) => {
      const sector = labels.sector(facts.sector ?? "none");
      turns.inc({ sector, adapter: labels.adapter(facts.adapter ?? "none"), outcome: outcomeOf(facts.outcome) });
      if (facts.firstTextMs === undefined) return;
      firstToken.observe({ sector }, facts.firstTextMs / 1000);
      const waited = waitMs(facts.firstTextMs, facts);
      if (waited !== undefined) wait.observe(waited / 1000);
    },
  };
}

/**
 * What is left when the engine's own time is taken off. The first piece may be held back for a moment and the end comes late, so both say
 * too much, and the smaller is the better one.
 */
function waitMs(firstTextMs: number, { promptMs, predictedMs, totalMs }: TurnFacts): number | undefined {
  if (promptMs + predictedMs === 0) return undefined;
  return Math.max(0, Math.min(firstTextMs - promptMs, totalMs - promptMs - predictedMs));
}

/** Whoever left, or interrupted, had nothing go wrong. */
function outcomeOf(outcome: string): "ok" | "aborted" | "error" {
  if (outcome === "ok") return "ok";
  return outcome === "interrupted" || outcome === "request_aborted" ? "aborted" : "error";
}
