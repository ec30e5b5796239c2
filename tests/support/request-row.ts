import type { RequestRow } from "../../services/records/index.ts";

export function requestRow(id: string, more: Partial<RequestRow> = {}): RequestRow {
  return {
    id,
    at: "2026-01-01T00:00:00.000Z",
    endpoint: "/api/v1/chat",
    sessionId: "s",
    messageId: `m-${id}`,
    userId: "ayşe",
    sector: "legal",
    confidence: 0.9,
    routedBy: "router",
    adapter: "legal@1",
    promptTokens: 10,
    completionTokens: 5,
    cachedTokens: 2,
    queueMs: 0.5,
    promptMs: 20,
    predictedMs: 40,
    totalMs: 65.5,
    outcome: "ok",
    message: "Kıdem tazminatı nedir?",
    reply: "Otuz günlük ücrettir.",
    ...more,
  };
}
