import type { PanelPlan, Query } from "./plan.ts";

/** Histograms whose buckets say under which trace a value was seen (services/observability, `enableExemplars`). */
export const latenciesWithTraces = [
  "turkish_ai_response_time_seconds",
  "llm_request_latency_seconds",
  "llm_time_to_first_token_seconds",
] as const;

/** Whether single requests are shown among the values: where there is a time axis, and traces are kept. */
export function showsExemplars({ kind }: Pick<PanelPlan, "kind">, { expr }: Pick<Query, "expr">): boolean {
  return (kind === "lines" || kind === "heat") && latenciesWithTraces.some((name) => expr.includes(`${name}_bucket`));
}
