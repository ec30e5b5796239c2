import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { checkedMessage, chooseSector, type MessageLimits } from "../conversation/index.ts";
import type { Router } from "../routing/index.ts";
import type { Sectors } from "../settings/index.ts";

export const ClassifyRequest = Type.Object({ text: Type.String() }, { additionalProperties: true });

const Score = Type.Object({ sector: Type.String(), confidence: Type.Number() });
export const ClassifyReply = Type.Object({
  sector: Type.Union([Type.String(), Type.Null()]),
  confidence: Type.Number(),
  abstained: Type.Boolean(),
  out_of_scope: Type.Number(),
  scores: Type.Array(Score),
  why: Type.Array(Type.Object({ feature: Type.String(), weight: Type.Number() })),
  ms: Type.Number(),
});

export interface ClassifyParts {
  readonly router: Router;
  readonly sectors: Sectors;
  readonly limits: MessageLimits;
  readonly nowMs: () => number;
}

/** `POST /classify`: the decision live traffic would get, with its reasons. */
export const classifyRoutes: FastifyPluginAsyncTypebox<ClassifyParts> = async (
  app,
  { router, sectors, limits, nowMs },
) => {
  app.post(
    "/classify",
    {
      config: { scope: "chat" },
      schema: {
        tags: ["routing"],
        summary: "Metnin sektörünü bul",
        body: ClassifyRequest,
        response: { 200: ClassifyReply },
      },
    },
    async (request) => {
      const text = checkedMessage(request.body.text, limits);
      // The live path decides; the second call only adds scores and reasons.
      const routing = chooseSector(
        router,
        sectors,
        { message: text, forced: undefined, conversation: undefined },
        nowMs,
      );
      const { scores, outOfScope, why } = router.classify(text, { why: true });
      return {
        sector: routing.sector,
        confidence: routing.confidence,
        abstained: routing.sector === null,
        out_of_scope: outOfScope,
        scores: [...scores],
        why: [...why],
        ms: routing.ms,
      };
    },
  );
};
