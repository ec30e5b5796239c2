import type { Figure } from "../figure.ts";
import type { RouterSpeed } from "./router-speed.ts";

export function routerSpeedFigures({ short, long }: RouterSpeed): Figure[] {
  return [
    {
      id: "messages_per_second",
      label: "short messages routed a second, one core",
      value: short.perSecond,
      unit: "per-second",
      goal: { atLeast: 10_000 },
    },
    { id: "short_p50_ms", label: "short message, p50", value: short.p50Ms, unit: "ms" },
    { id: "short_p95_ms", label: "short message, p95", value: short.p95Ms, unit: "ms" },
    { id: "long_p50_ms", label: "500 tokens, p50", value: long.p50Ms, unit: "ms" },
    { id: "long_p95_ms", label: "500 tokens, p95", value: long.p95Ms, unit: "ms", goal: { atMost: 1 } },
  ];
}
