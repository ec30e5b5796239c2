import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { TokenizeRequest } from "../dialect/index.ts";
import type { Engine } from "../inference/index.ts";

/** `POST /tokenize`, as llama-server has it. */
export const tokenizeRoutes: FastifyPluginAsyncTypebox<{ engine: Engine }> = async (app, { engine }) => {
  app.post(
    "/tokenize",
    { config: { scope: "chat" }, schema: { tags: ["openai"], summary: "Belirteçlere ayır", body: TokenizeRequest } },
    async (request) => {
      const { content, add_special = false, with_pieces = false } = request.body;
      const { tokens, pieces } = await engine.tokenize(content, { addSpecial: add_special, withPieces: with_pieces });
      return { tokens: pieces === undefined ? tokens : tokens.map((id, i) => ({ id, piece: pieces[i] ?? "" })) };
    },
  );
};
