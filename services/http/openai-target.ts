import { type Static, Type } from "typebox";
import type { ResolvedTarget } from "../conversation/index.ts";
import { ChatCompletionRequest, textOf } from "../dialect/index.ts";

/** OpenAI's body plus what the gateway adds to it. */
export const GatewayChatRequest = Type.Intersect([
  ChatCompletionRequest,
  Type.Object({
    sector: Type.Optional(Type.String({ maxLength: 64 })),
    session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Text the answer should rest on. */
    rag_context: Type.Optional(Type.String({ maxLength: 200_000 })),
    documents: Type.Optional(
      Type.Array(Type.Object({ title: Type.Optional(Type.String()), text: Type.String({ maxLength: 200_000 }) }), {
        maxItems: 64,
      }),
    ),
  }),
]);
export type GatewayChatRequest = Static<typeof GatewayChatRequest>;

/** What users said in the request's own history, oldest first. */
export function utterancesOf(body: GatewayChatRequest): readonly string[] {
  return body.messages.filter((message) => message.role === "user").map((message) => textOf(message.content));
}

/** The given context as text to put before the conversation; "" when there is none. */
export function contextOf(body: GatewayChatRequest): string {
  const documents = (body.documents ?? []).map(({ title, text }) => (title === undefined ? text : `${title}: ${text}`));
  const parts = [...(body.rag_context === undefined ? [] : [body.rag_context]), ...documents].filter(
    (part) => part.trim() !== "",
  );
  return parts.length === 0 ? "" : `Yanıtını yalnızca şu bilgilere dayandır:\n${parts.join("\n\n")}`;
}

/** What rides on the reply besides OpenAI's fields. */
export function renderTarget({ routing, adapter }: ResolvedTarget) {
  return {
    sector: routing.sector,
    routing: {
      routed_by: routing.routedBy,
      confidence: routing.confidence,
      alternatives: routing.alternatives,
      adapter: adapter === null ? null : { name: adapter.name, version: adapter.version },
      ms: routing.ms,
    },
  };
}
