import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { OpenRecord } from "../conversation/index.ts";
import { checkedMessage, type MessageLimits, type ResolveModel } from "../conversation/index.ts";
import {
  type CompletionIdentity,
  CompletionRequest,
  completionFrames,
  EmbeddingRequest,
  formatJsonEvent,
  parseCompletionRequest,
  renderCompletion,
  renderEmbeddings,
  renderOpenAiError,
} from "../dialect/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { Engine, GenerateEvent } from "../inference/index.ts";
import type { RequestLog } from "../records/index.ts";
import { renderTarget } from "./openai-target.ts";
import { openRecord } from "./record-turn.ts";
import { collectInTurn, noting } from "./replies-in-turn.ts";

export interface OpenAiTextParts {
  readonly engine: Engine;
  readonly requests: RequestLog;
  readonly resolveModel: ResolveModel;
  readonly limits: MessageLimits;
  readonly replyTimeoutMs: number;
}

/** `POST /v1/completions` and `POST /v1/embeddings`. */
export const openAiTextRoutes: FastifyPluginAsyncTypebox<OpenAiTextParts> = async (app, parts) => {
  app.post(
    "/completions",
    {
      config: { scope: "chat", streams: true },
      schema: { tags: ["openai"], summary: "OpenAI text completion", body: CompletionRequest },
    },
    async (request, reply) => {
      const { body } = request;
      const prompts = (typeof body.prompt === "string" ? [body.prompt] : body.prompt).map((prompt) =>
        checkedMessage(prompt, parts.limits),
      );
      const signal = clientSignal(reply, parts.replyTimeoutMs);
      const target = await parts.resolveModel({
        model: body.model,
        sector: undefined,
        utterances: prompts.slice(0, 1),
        conversation: undefined,
        allowed: request.caller.sectors ?? undefined,
        signal,
      });
      request.sector = target.routing.sector ?? "none";
      const identity: CompletionIdentity = {
        id: `cmpl-${randomUUID()}`,
        model: target.modelId,
        created: Math.floor(Date.now() / 1000),
      };
      const generate = (prompt: string) =>
        parts.engine.generate(
          {
            ...parseCompletionRequest(body, prompt),
            ...(target.adapter === null ? {} : { adapterId: target.adapter.id }),
          },
          signal,
        );
      const [only, ...more] = prompts;
      if (only === undefined || (body.stream === true && more.length > 0))
        throw new InvalidRequestError("Streaming serves one prompt.", { param: "prompt" });
      const record = openRecord(parts.requests, request, reply, {
        sessionId: null,
        messageId: identity.id,
        userId: request.caller.userId ?? body.user ?? null,
        message: only,
        routing: target.routing,
        adapter: target.adapter,
      });
      if (body.stream !== true) {
        const replies = await collectInTurn(prompts.map(generate), record);
        return renderCompletion(identity, replies, renderTarget(target));
      }
      return await streamEvents(
        request,
        reply,
        completionFrames(recording(generate(only), record), identity, body.stream_options ?? {}),
        (error) => formatJsonEvent(renderOpenAiError(error)),
      );
    },
  );

  app.post(
    "/embeddings",
    {
      config: { scope: "chat", streams: true },
      schema: { tags: ["openai"], summary: "OpenAI embeddings", body: EmbeddingRequest },
    },
    async (request, reply) => {
      const { input, encoding_format = "float", model } = request.body;
      const texts = (typeof input === "string" ? [input] : input).map((text) => checkedMessage(text, parts.limits));
      const { base } = await parts.engine.status();
      if (model !== undefined && model !== base.id)
        await parts.resolveModel({ model, sector: undefined, utterances: texts.slice(0, 1), conversation: undefined });
      const embeddings = await parts.engine.embed(texts, clientSignal(reply, parts.replyTimeoutMs));
      return renderEmbeddings(base.id, embeddings, encoding_format);
    },
  );
};

/** The reply's events, with what they come to told to the row. */
async function* recording(events: AsyncIterable<GenerateEvent>, record: OpenRecord): AsyncGenerator<GenerateEvent> {
  let text = "";
  try {
    for await (const event of noting(events, record)) {
      if (event.type === "text-delta") text += event.text;
      if (event.type === "end") record.answered(text, event.usage, event.timings);
      yield event;
    }
  } catch (thrown) {
    record.failed(thrown);
    throw thrown;
  } finally {
    record.failed(undefined);
  }
}
