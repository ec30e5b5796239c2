import { type Static, Type } from "typebox";
import type { PromptPassage, ResolvedTarget } from "../conversation/index.ts";
import { ChatCompletionRequest, textOf } from "../dialect/index.ts";

/** OpenAI's body plus what the gateway adds to it. */
export const GatewayChatRequest = Type.Intersect([
  ChatCompletionRequest,
  Type.Object({
    sector: Type.Optional(Type.String({ maxLength: 64 })),
    session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Text the answer should rest on. */
    rag_context: Type.Optional(Type.String({ maxLength: 200_000 })),
    /** Documents the answer should rest on; with a title or without. */
    documents: Type.Optional(
      Type.Array(
        Type.Union([
          Type.Object({
            title: Type.Optional(Type.String({ maxLength: 1000 })),
            text: Type.String({ maxLength: 200_000 }),
          }),
          Type.String({ maxLength: 200_000 }),
        ]),
        { maxItems: 64 },
      ),
    ),
    /** Whether passages of the sector's own documents join them; default false. */
    use_knowledge: Type.Optional(Type.Boolean({ default: false })),
  }),
]);
export type GatewayChatRequest = Static<typeof GatewayChatRequest>;

/** What users said in the request's own history, oldest first. */
export function utterancesOf(body: GatewayChatRequest): readonly string[] {
  return body.messages.filter((message) => message.role === "user").map((message) => textOf(message.content));
}

/** The caller's own context, as passages of the prompt: `rag_context` first, then the documents. */
export function givenPassages(body: GatewayChatRequest): readonly PromptPassage[] {
  const documents = (body.documents ?? []).map((document) =>
    typeof document === "string" ? { text: document } : document,
  );
  const context = body.rag_context === undefined ? [] : [{ text: body.rag_context }];
  return [...context, ...documents].filter(({ text }) => text.trim() !== "");
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
