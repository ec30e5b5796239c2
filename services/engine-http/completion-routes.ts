import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  type CompletionIdentity,
  CompletionRequest,
  collectReply,
  completionFrames,
  formatJsonEvent,
  parseCompletionRequest,
  renderCompletion,
  renderOpenAiError,
} from "../dialect/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { Engine } from "../inference/index.ts";
import { adapterOf } from "./model-name.ts";

/** `POST /v1/completions` of infer: raw text in, text out. */
export const completionRoutes: FastifyPluginAsyncTypebox<{ engine: Engine; replyTimeoutMs: number }> = async (
  app,
  { engine, replyTimeoutMs },
) => {
  app.post("/v1/completions", { schema: { body: CompletionRequest } }, async (request, reply) => {
    const { body } = request;
    const prompts = typeof body.prompt === "string" ? [body.prompt] : body.prompt;
    const adapterId = await adapterOf(engine, body.model);
    const signal = clientSignal(reply, replyTimeoutMs);
    const identity: CompletionIdentity = {
      id: `cmpl-${randomUUID()}`,
      model: body.model ?? (await engine.status()).base.id,
      created: Math.floor(Date.now() / 1000),
    };
    const generate = (prompt: string) =>
      engine.generate(
        { ...parseCompletionRequest(body, prompt), ...(adapterId === undefined ? {} : { adapterId }) },
        signal,
      );
    if (body.stream !== true) {
      return renderCompletion(identity, await Promise.all(prompts.map((prompt) => collectReply(generate(prompt)))));
    }
    const [only, ...more] = prompts;
    if (only === undefined || more.length > 0)
      throw new InvalidRequestError("Streaming serves one prompt.", { param: "prompt" });
    return await streamEvents(
      request,
      reply,
      completionFrames(generate(only), identity, body.stream_options ?? {}),
      (error) => formatJsonEvent(renderOpenAiError(error)),
    );
  });
};
