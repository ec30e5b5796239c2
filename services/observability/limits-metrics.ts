import { Counter, type Registry } from "prom-client";
import { closedLabel } from "./labels.ts";

export interface LimitsMetrics {
  /** @param limit a rule's name; `streams`, `waits` or `sessions` where too much was wanted at the same time */
  limitRefused(limit: string): void;
}

const limits = [
  "address_minute",
  "key_minute",
  "user_hour",
  "user_day",
  "form_hour",
  "form_day",
  "streams",
  "waits",
  "sessions",
];

/** What was too much. */
export function registerLimitsMetrics(registry: Registry): LimitsMetrics {
  const refusals = new Counter({
    name: "sektor_rate_limit_refusals_total",
    help: "Requests, replies, waiting calls and spoken sessions refused for being too many, by the limit that was reached.",
    labelNames: ["limit"],
    registers: [registry],
  });
  const label = closedLabel(limits);
  return { limitRefused: (limit) => refusals.inc({ limit: label(limit) }) };
}
