import { Histogram, type Registry } from "prom-client";
import type { Labels } from "./labels.ts";
import type { TurnFacts, TurnMetrics } from "./turn-metrics.ts";

/** What things cost, in one currency; 0: nothing. */
export interface Prices {
  /** Such as `USD`; empty: there is no price table. */
  readonly currency: string;
  readonly perGpuHour: number;
  readonly perMillionPromptTokens: number;
  readonly perMillionCompletionTokens: number;
}

/**
 * Cost of one turn: its tokens at their price, and its share of the engine's time at the price of an hour. While several replies are under
 * way each second is divided among them, so all shares together are the time in which there was anything to do.
 */
export function costOf(facts: TurnFacts, prices: Prices): number {
  const { promptTokens, completionTokens, promptMs, predictedMs, engineSeconds } = facts;
  const seconds = engineSeconds ?? (promptMs + predictedMs) / 1000;
  return (
    (promptTokens * prices.perMillionPromptTokens + completionTokens * prices.perMillionCompletionTokens) / 1e6 +
    (seconds / 3600) * prices.perGpuHour
  );
}

/** Nothing is registered, and nothing counted, where nothing has a price. */
export function registerCostMetrics(registry: Registry, labels: Labels, prices: Prices | undefined): TurnMetrics {
  if (prices === undefined || !hasPrices(prices)) return { turnEnded: () => {} };
  const cost = new Histogram({
    name: "turkish_ai_cost_per_request",
    help: `Cost of a turn that the engine answered, in ${prices.currency === "" ? "the price table's currency" : prices.currency}.`,
    labelNames: ["sector"],
    buckets: [0.00001, 0.0001, 0.001, 0.01, 0.1, 1],
    registers: [registry],
  });
  return {
    turnEnded: (facts) => {
      if (facts.promptTokens + facts.completionTokens === 0) return;
      cost.observe({ sector: labels.sector(facts.sector ?? "none") }, costOf(facts, prices));
    },
  };
}

function hasPrices({ perGpuHour, perMillionPromptTokens, perMillionCompletionTokens }: Prices): boolean {
  return perGpuHour + perMillionPromptTokens + perMillionCompletionTokens > 0;
}
