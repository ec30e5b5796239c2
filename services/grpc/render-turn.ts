import { type TurnOpening, type TurnResult, tellSource } from "../conversation/index.ts";

/** The proto's `Opening`. */
export function renderOpening({ sessionId, messageId, routing, adapter, sources }: TurnOpening) {
  return {
    ...(routing.sector === null ? {} : { sector: routing.sector }),
    confidence: routing.confidence,
    routed_by: routing.routedBy,
    ...(adapter === null ? {} : { adapter: { name: adapter.name, version: adapter.version } }),
    alternatives: routing.alternatives.map(({ sector, confidence }) => ({ sector, confidence })),
    sources: sources.map(tellSource),
    session_id: sessionId,
    message_id: messageId,
  };
}

/** The proto's `GenerateReply`. */
export function renderReply(result: TurnResult) {
  const { session_id, ...opening } = renderOpening(result);
  const { promptTokens, cachedTokens, completionTokens } = result.usage;
  return {
    response: result.response,
    opening: { ...opening, ...(result.kept ? { session_id } : {}) },
    finish_reason: result.finishReason,
    usage: {
      prompt_tokens: promptTokens,
      cached_tokens: cachedTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
    timings: { ...result.timings, routing_ms: result.routing.ms },
  };
}
