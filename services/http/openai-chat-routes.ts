import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { OpenRecord, ResolvedTarget } from "../conversation/index.ts";
import {
  ChatChunkWriter,
  type CompletionIdentity,
  formatEvent,
  formatJsonEvent,
  renderChatCompletion,
  renderOpenAiError,
  sumUsage,
  usageChunk,
} from "../dialect/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { Engine, Timings, Usage } from "../inference/index.ts";
import type { RequestLog } from "../records/index.ts";
import { type ChatGenerationParts, chatGeneration, chatTarget, checkedChat, withSeed } from "./openai-generation.ts";
import type { OpenAiSessions } from "./openai-sessions.ts";
import type { ReplySources } from "./openai-sources.ts";
import { GatewayChatRequest, renderTarget } from "./openai-target.ts";
import { openRecord } from "./record-turn.ts";
import { collectInTurn, noting, repliesInTurn } from "./replies-in-turn.ts";

export interface OpenAiChatParts extends ChatGenerationParts {
  readonly engine: Engine;
  readonly sessions: OpenAiSessions;
  readonly requests: RequestLog;
  readonly replyTimeoutMs: number;
}

/** `POST /v1/chat/completions` — OpenAI's shape; `model` is `auto`, a sector, `sector@version` or the base's id. */
export const openAiChatRoutes: FastifyPluginAsyncTypebox<OpenAiChatParts> = async (app, parts) => {
  app.post(
    "/chat/completions",
    {
      config: { scope: "chat", streams: true },
      schema: { tags: ["openai"], summary: "OpenAI chat completion", body: GatewayChatRequest },
    },
    async (request, reply) => {
      const { body } = request;
      const chat = checkedChat(body, parts.limits);
      const { utterances } = chat;
      const signal = clientSignal(reply, parts.replyTimeoutMs);
      const userId = request.caller.userId ?? body.user ?? null;
      const past =
        body.session_id === undefined
          ? undefined
          : await parts.sessions.begin({ id: body.session_id, owner: request.caller.keyId, userId }, reply.raw, signal);
      const target = await chatTarget(parts, chat, request.caller.sectors, past, signal);
      request.sector = target.routing.sector ?? "none";
      const { generate, sources } = await chatGeneration(parts, chat, target, past, signal);
      const identity: CompletionIdentity = {
        id: `chatcmpl-${randomUUID()}`,
        model: target.modelId,
        created: Math.floor(Date.now() / 1000),
      };
      const record = openRecord(parts.requests, request, reply, {
        sessionId: body.session_id ?? null,
        messageId: identity.id,
        userId,
        message: utterances.at(-1) ?? null,
        routing: target.routing,
        adapter: target.adapter,
      });
      const choices = Array.from({ length: body.n ?? 1 }, (_, index) =>
        parts.engine.generate(withSeed(generate, index), signal),
      );
      const remember = async (text: string) => await past?.remember(utterances.at(-1), text, target);

      if (body.stream === true) {
        const withUsage = body.stream_options?.include_usage === true;
        const frames = streamed(choices, identity, { target, sources, withUsage, remember, record });
        return await streamEvents(request, reply, frames, (error) => formatJsonEvent(renderOpenAiError(error)));
      }
      const replies = await collectInTurn(
        choices,
        record,
        async (collected) => await remember(collected[0]?.text ?? ""),
      );
      const extra = { ...renderTarget(target), ...sources(replies[0]?.text ?? "") };
      return renderChatCompletion(identity, replies, body.logprobs === true, extra);
    },
  );
};

async function* streamed(
  choices: readonly ReturnType<Engine["generate"]>[],
  identity: CompletionIdentity,
  {
    target,
    sources,
    withUsage,
    remember,
    record,
  }: {
    readonly target: ResolvedTarget;
    readonly sources: ReplySources;
    readonly withUsage: boolean;
    readonly remember: (text: string) => Promise<void>;
    readonly record: OpenRecord;
  },
): AsyncGenerator<string> {
  const opening = { ...renderTarget(target), ...sources("") };
  const writers = choices.map((_, index) => new ChatChunkWriter(identity, index, opening));
  const opened = new Set<number>();
  const usages: Usage[] = [];
  let text = "";
  let timings: Timings | undefined;
  try {
    for await (const { index, value } of repliesInTurn(choices.map((events) => noting(events, record)))) {
      const writer = writers[index];
      if (writer === undefined) continue;
      if (!opened.has(index)) yield formatJsonEvent(writer.first());
      opened.add(index);
      if (index === 0 && value.type === "text-delta") text += value.text;
      if (value.type === "end") {
        usages.push(value.usage);
        timings ??= value.timings;
        if (index === 0) await remember(text);
        if (usages.length === choices.length) record.answered(text, sumUsage(usages), timings);
      }
      yield formatJsonEvent({ ...writer.next(value), ...(value.type === "end" && index === 0 ? sources(text) : {}) });
    }
  } catch (thrown) {
    record.failed(thrown);
    throw thrown;
  } finally {
    record.failed(undefined);
  }
  if (withUsage) yield formatJsonEvent(usageChunk(identity, sumUsage(usages)));
  yield formatEvent({ data: "[DONE]" });
}
