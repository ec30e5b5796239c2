import { type Static, Type } from "typebox";
import { type TurnOpening, type TurnResult, tellSource } from "../conversation/index.ts";
import { renderUsage } from "../dialect/index.ts";
import { Source } from "./source-shapes.ts";

export const ChatRequest = Type.Object(
  {
    message: Type.String({ description: "Kullanıcının iletisi. What the user says." }),
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    sector: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "Sektörü sabitler. Forces the sector; without it the router decides.",
      }),
    ),
    stream: Type.Optional(Type.Boolean()),
    max_tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    use_tools: Type.Optional(Type.Boolean()),
    use_knowledge: Type.Optional(
      Type.Boolean({
        default: true,
        description: "false: sektörün belgelerine bakılmaz. The sector's documents are left aside.",
      }),
    ),
  },
  { additionalProperties: true },
);
export type ChatRequest = Static<typeof ChatRequest>;

const Confidence = Type.Number({ minimum: 0, maximum: 1 });
const AdapterRef = Type.Union([Type.Object({ name: Type.String(), version: Type.String() }), Type.Null()]);

export const ChatReply = Type.Object({
  success: Type.Literal(true),
  data: Type.Object({
    response: Type.String(),
    sector: Type.Union([Type.String(), Type.Null()]),
    confidence: Confidence,
    routed_by: Type.Enum(["request", "router", "session", "fallback"]),
    adapter: AdapterRef,
    alternatives: Type.Array(Type.Object({ sector: Type.String(), confidence: Confidence })),
    tool_calls: Type.Array(
      Type.Object({
        arac_adi: Type.String(),
        durum: Type.Enum(["bekliyor", "tamamlandi", "hata"]),
        parametreler: Type.Unknown(),
        sonuc: Type.Unknown(),
      }),
    ),
    sources: Type.Array(Source),
    session_id: Type.Union([Type.String(), Type.Null()], {
      description: "null: konuşma şu anda saklanamıyor. The conversation cannot be kept at the moment.",
    }),
    message_id: Type.String(),
    finish_reason: Type.String(),
    usage: Type.Record(Type.String(), Type.Unknown()),
    timings: Type.Record(Type.String(), Type.Number()),
  }),
});

export function renderOpening({ sessionId, messageId, routing, adapter, sources }: TurnOpening) {
  return {
    sector: routing.sector,
    confidence: routing.confidence,
    routed_by: routing.routedBy,
    adapter: adapter === null ? null : { name: adapter.name, version: adapter.version },
    alternatives: [...routing.alternatives],
    sources: sources.map(tellSource),
    session_id: sessionId,
    message_id: messageId,
  };
}

export function renderTurn(result: TurnResult) {
  return {
    response: result.response,
    ...renderOpening(result),
    session_id: result.kept ? result.sessionId : null,
    tool_calls: [],
    finish_reason: result.finishReason,
    usage: renderUsage(result.usage),
    timings: { ...result.timings, routing_ms: result.routing.ms },
  };
}
