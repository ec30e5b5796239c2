import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  ChatChunkWriter,
  ChatCompletionRequest,
  type CompletionIdentity,
  collectReply,
  formatEvent,
  formatJsonEvent,
  parseChatRequest,
  renderChatCompletion,
  renderOpenAiError,
  usageChunk,
} from "../dialect/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { Engine, GenerateRequest } from "../inference/index.ts";
import { adapterOf } from "./model-name.ts";

/** `POST /v1/chat/completions` of infer: one choice, JSON or server-sent events. */
export const chatRoutes: FastifyPluginAsyncTypebox<{ engine: Engine; replyTimeoutMs: number }> = async (
  app,
  { engine, replyTimeoutMs },
) => {
  app.post("/v1/chat/completions", { schema: { body: ChatCompletionRequest } }, async (request, reply) => {
    const { body } = request;
    if ((body.n ?? 1) !== 1) throw new InvalidRequestError("The engine computes one choice a request.", { param: "n" });
    const adapterId = await adapterOf(engine, body.model);
    const generate: GenerateRequest = { ...parseChatRequest(body), ...(adapterId === undefined ? {} : { adapterId }) };
    const signal = clientSignal(reply, replyTimeoutMs);
    const identity: CompletionIdentity = {
      id: `chatcmpl-${randomUUID()}`,
      model: body.model ?? (await engine.status()).base.id,
      created: Math.floor(Date.now() / 1000),
    };
    const events = engine.generate(generate, signal);
    if (body.stream !== true)
      return renderChatCompletion(identity, [await collectReply(events)], body.logprobs === true);
    return await streamEvents(
      request,
      reply,
      chunks(events, identity, body.stream_options?.include_usage === true),
      (error) => formatJsonEvent(renderOpenAiError(error)),
    );
  });
};

async function* chunks(
  events: ReturnType<Engine["generate"]>,
  identity: CompletionIdentity,
  withUsage: boolean,
): AsyncGenerator<string> {
  const writer = new ChatChunkWriter(identity, 0, {});
  let opened = false;
  for await (const event of events) {
    if (!opened) yield formatJsonEvent(writer.first());
    opened = true;
    yield formatJsonEvent(writer.next(event));
    if (event.type === "end" && withUsage) yield formatJsonEvent(usageChunk(identity, event.usage));
  }
  yield formatEvent({ data: "[DONE]" });
}
