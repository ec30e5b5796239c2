import type { SpanValues } from "../../foundation/index.ts";
import type { GenerateEvent, GenerateRequest, Usage } from "../../inference/index.ts";

/** Who answers, as steps tell it. Sectors and adapters are those that exist; what a caller named is not looked at. */
export function answererValues(
  routing: { readonly sector: string | null; readonly routedBy: string; readonly confidence: number },
  adapter: { readonly id: string } | null,
): SpanValues {
  return { ...routingValues(routing), "sektor.adapter": adapter?.id ?? "none" };
}

export function routingValues({
  sector,
  routedBy,
  confidence,
}: {
  readonly sector: string | null;
  readonly routedBy: string;
  readonly confidence: number;
}): SpanValues {
  return {
    "sektor.sector": sector ?? "none",
    "sektor.routed_by": routedBy,
    "sektor.router_confidence": Math.round(confidence * 1000) / 1000,
  };
}

/** Tokens, under OpenTelemetry's names for generative models where it has one. */
export function usageValues({ promptTokens, cachedTokens, completionTokens }: Usage): SpanValues {
  return {
    "gen_ai.usage.input_tokens": promptTokens,
    "gen_ai.usage.output_tokens": completionTokens,
    "sektor.cached_tokens": cachedTokens,
  };
}

/** What a reply came to. The adapter was served, so its name is one that exists. */
export function replyValues(
  { adapterId }: Pick<GenerateRequest, "adapterId">,
  end: Extract<GenerateEvent, { type: "end" }>,
  firstTokenMs: number | undefined,
): SpanValues {
  return {
    "sektor.adapter": adapterId ?? "none",
    "sektor.finish_reason": end.reason,
    ...usageValues(end.usage),
    ...(firstTokenMs === undefined ? {} : { "sektor.first_token_ms": Math.round(firstTokenMs * 10) / 10 }),
  };
}
