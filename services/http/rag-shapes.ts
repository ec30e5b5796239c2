import { type Static, Type } from "typebox";
import type { TurnOpening, TurnResult } from "../conversation/index.ts";
import { FoundSource, renderFound } from "./source-shapes.ts";

export const RagRequest = Type.Object(
  {
    query: Type.String({ description: "Belgelere sorulan soru. What the documents are asked." }),
    sector: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "Without it the router decides; where it cannot, all sectors' documents are searched.",
      }),
    ),
    k: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 9,
        default: 9,
        description: "En çok kaç parça bulunsun. Most passages to find.",
      }),
    ),
    session_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: "Without it nothing is kept." }),
    ),
    stream: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: true },
);
export type RagRequest = Static<typeof RagRequest>;

export const RagReply = Type.Object({
  answer: Type.String(),
  /** All that was found, best first; the first ones stand in the prompt, and `[n]` in the answer counts from the first. */
  sources: Type.Array(FoundSource),
});

export function renderRagOpening({ found }: TurnOpening) {
  return { sources: found.map(renderFound) };
}

export function renderRag(result: TurnResult) {
  return { answer: result.response, ...renderRagOpening(result) };
}
