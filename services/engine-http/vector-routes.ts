import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { EmbeddingRequest, renderEmbeddings, TokenizeRequest } from "../dialect/index.ts";
import { clientSignal } from "../http-kit/index.ts";
import type { Engine } from "../inference/index.ts";

/** `POST /v1/embeddings` and `POST /tokenize` of infer. */
export const vectorRoutes: FastifyPluginAsyncTypebox<{ engine: Engine; replyTimeoutMs: number }> = async (
  app,
  { engine, replyTimeoutMs },
) => {
  app.post("/v1/embeddings", { schema: { body: EmbeddingRequest } }, async (request, reply) => {
    const { input, encoding_format = "float", model } = request.body;
    const texts = typeof input === "string" ? [input] : input;
    const embeddings = await engine.embed(texts, clientSignal(reply, replyTimeoutMs));
    return renderEmbeddings(model ?? (await engine.status()).base.id, embeddings, encoding_format);
  });

  app.post("/tokenize", { schema: { body: TokenizeRequest } }, async (request) => {
    const { content, add_special = false, with_pieces = false } = request.body;
    const { tokens, pieces } = await engine.tokenize(content, { addSpecial: add_special, withPieces: with_pieces });
    return { tokens: pieces === undefined ? tokens : tokens.map((id, i) => ({ id, piece: pieces[i] ?? "" })) };
  });
};
