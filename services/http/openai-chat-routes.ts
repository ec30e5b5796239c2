import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  checkMessageCount,
  type GroundPrompt,
  type MessageLimits,
  type ResolvedTarget,
  type ResolveModel,
  systemPromptOf,
} from "../conversation/index.ts";
import {
  ChatChunkWriter,
  type CollectedReply,
  type CompletionIdentity,
  collectReply,
  formatEvent,
  formatJsonEvent,
  parseChatRequest,
  renderChatCompletion,
  renderOpenAiError,
  sumUsage,
  usageChunk,
} from "../dialect/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { ChatMessage, Engine, GenerateRequest, SamplingParameters, Timings, Usage } from "../inference/index.ts";
import type { RequestLog } from "../records/index.ts";
import type { Sectors } from "../settings/index.ts";
import { mergeStreams } from "./merge-streams.ts";
import { checkedConversation, type OpenAiSessions } from "./openai-sessions.ts";
import { openAiSources, type ReplySources } from "./openai-sources.ts";
import { GatewayChatRequest, givenPassages, renderTarget, utterancesOf } from "./openai-target.ts";
import { type OpenRecord, openRecord } from "./record-turn.ts";

export interface OpenAiChatParts {
  readonly engine: Engine;
  readonly resolveModel: ResolveModel;
  readonly groundPrompt: GroundPrompt;
  readonly sectors: Sectors;
  readonly sessions: OpenAiSessions;
  readonly requests: RequestLog;
  readonly limits: MessageLimits;
  readonly sampling: SamplingParameters;
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
      checkMessageCount(body.messages.length, parts.limits);
      const parsed = parseChatRequest(body);
      const utterances = checkedConversation(utterancesOf(body), body.messages, parts.limits);
      const signal = clientSignal(reply, parts.replyTimeoutMs);
      const userId = request.caller.userId ?? body.user ?? null;
      const past = await parts.sessions.load(body.session_id);
      const target = await parts.resolveModel({
        model: body.model,
        sector: body.sector,
        utterances,
        conversation: past?.conversation,
        allowed: request.caller.sectors ?? undefined,
      });
      request.sector = target.routing.sector ?? "none";

      const said = "messages" in parsed.prompt ? parsed.prompt.messages : [];
      const given = givenPassages(body);
      const grounding = await parts.groundPrompt(
        {
          message: utterances.at(-1) ?? "",
          previous: utterances.at(-2) ?? past?.conversation?.utterances?.at(-1),
          sector: target.routing.sector,
          systemPrompt: ownSystemPrompt(said) ?? systemPromptOf(parts.sectors, target.routing.sector),
          use: body.use_knowledge === true ? "use" : "ignore",
          given,
        },
        signal,
      );
      const messages = withSystemPrompt([...(past?.messages ?? []), ...said], grounding.systemPrompt);
      const sources = openAiSources(body, grounding.used, given.length + 1);
      const generate: GenerateRequest = {
        ...parsed,
        prompt: { ...parsed.prompt, messages },
        sampling: { ...parts.sampling, ...parsed.sampling },
        ...(past === undefined ? {} : { overflow: "drop-oldest" }),
        ...(target.adapter === null ? {} : { adapterId: target.adapter.id }),
      };
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
      const remember = (text: string) =>
        parts.sessions.remember({ id: body.session_id, userId }, utterances.at(-1), text, target, signal);

      if (body.stream === true) {
        const withUsage = body.stream_options?.include_usage === true;
        const frames = streamed(choices, identity, { target, sources, withUsage, remember, record });
        return await streamEvents(request, reply, frames, (error) => formatJsonEvent(renderOpenAiError(error)));
      }
      const replies = await recorded(record, async () => {
        const collected = await Promise.all(choices.map((events) => collectReply(events)));
        await remember(collected[0]?.text ?? "");
        return collected;
      });
      const extra = { ...renderTarget(target), ...sources(replies[0]?.text ?? "") };
      return renderChatCompletion(identity, replies, body.logprobs === true, extra);
    },
  );
};

/** Several choices of one seeded request must differ, and still be repeatable. */
function withSeed(generate: GenerateRequest, index: number): GenerateRequest {
  const seed = generate.sampling?.seed;
  return index === 0 || seed === undefined
    ? generate
    : { ...generate, sampling: { ...generate.sampling, seed: (seed + index) % 2 ** 32 } };
}

/** A client's own system message stands in the place of the sector's. */
function ownSystemPrompt(messages: readonly ChatMessage[]): string | undefined {
  return messages.find((message) => message.role === "system")?.content;
}

function withSystemPrompt(messages: readonly ChatMessage[], systemPrompt: string): readonly ChatMessage[] {
  const at = messages.findIndex((message) => message.role === "system");
  if (at < 0) return systemPrompt === "" ? messages : [{ role: "system", content: systemPrompt }, ...messages];
  return messages.map((message, i) => (i === at ? { ...message, content: systemPrompt } : message));
}

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
    for await (const { index, value } of mergeStreams(choices)) {
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

/** Waits for the replies and leaves the request's row, whatever becomes of them. */
async function recorded(record: OpenRecord, work: () => Promise<CollectedReply[]>): Promise<CollectedReply[]> {
  try {
    const replies = await work();
    const [first] = replies;
    if (first !== undefined) record.answered(first.text, sumUsage(replies.map(({ usage }) => usage)), first.timings);
    return replies;
  } catch (thrown) {
    record.failed(thrown);
    throw thrown;
  }
}
