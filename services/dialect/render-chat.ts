import type { FinishReason, GenerateEvent, Timings, TokenLogprob, ToolCall, Usage } from "../inference/index.ts";

export interface CompletionIdentity {
  /** `chatcmpl-…` or `cmpl-…` */
  readonly id: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
}

export type UsageShape = ReturnType<typeof renderUsage>;

export function renderUsage(usage: Usage) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  };
}

/** Several choices of one request share the prompt. */
export function sumUsage(usages: readonly Usage[]): Usage {
  return {
    promptTokens: usages[0]?.promptTokens ?? 0,
    cachedTokens: usages[0]?.cachedTokens ?? 0,
    completionTokens: usages.reduce((sum, usage) => sum + usage.completionTokens, 0),
  };
}

export function renderToolCall(call: ToolCall) {
  return { id: call.id, type: "function" as const, function: { name: call.name, arguments: call.arguments } };
}

export function renderLogprobs(tokens: readonly TokenLogprob[]) {
  return {
    content: tokens.map(({ token, logprob, bytes, top }) => ({
      token,
      logprob: finite(logprob),
      bytes,
      top_logprobs: top.map((entry) => ({ token: entry.token, logprob: finite(entry.logprob), bytes: entry.bytes })),
    })),
    refusal: null,
  };
}

/** JSON has no −∞; OpenAI writes −9999. */
function finite(logprob: number): number {
  return Number.isFinite(logprob) ? logprob : -9999;
}

/** A whole reply, collected. */
export interface CollectedReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly logprobs: readonly TokenLogprob[];
  readonly reason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
}

export async function collectReply(events: AsyncIterable<GenerateEvent>): Promise<CollectedReply> {
  let text = "";
  const calls: ToolCall[] = [];
  const logprobs: TokenLogprob[] = [];
  for await (const event of events) {
    if (event.type === "text-delta") {
      text += event.text;
      if (event.logprobs !== undefined) logprobs.push(...event.logprobs);
    } else if (event.type === "tool-call") calls.push(event.call);
    else return { text, calls, logprobs, reason: event.reason, usage: event.usage, timings: event.timings };
  }
  throw new Error("The engine ended a reply without saying how.");
}

export function renderChatCompletion(
  identity: CompletionIdentity,
  replies: readonly CollectedReply[],
  wantLogprobs: boolean,
  extra: object = {},
) {
  return {
    id: identity.id,
    object: "chat.completion" as const,
    created: identity.created,
    model: identity.model,
    choices: replies.map((reply, index) => ({
      index,
      message: {
        role: "assistant" as const,
        content: reply.calls.length > 0 && reply.text === "" ? null : reply.text,
        refusal: null,
        ...(reply.calls.length === 0 ? {} : { tool_calls: reply.calls.map(renderToolCall) }),
      },
      logprobs: wantLogprobs ? renderLogprobs(reply.logprobs) : null,
      finish_reason: reply.reason,
    })),
    usage: renderUsage(sumUsage(replies.map((reply) => reply.usage))),
    ...(replies[0] === undefined ? {} : { timings: replies[0].timings }),
    ...extra,
  };
}

type Chunk = Record<string, unknown>;

/** Writes one choice of a streamed chat completion, chunk by chunk. */
export class ChatChunkWriter {
  readonly #identity: CompletionIdentity;
  readonly #index: number;
  readonly #extra: object;
  #calls = 0;

  constructor(identity: CompletionIdentity, index: number, extra: object) {
    this.#identity = identity;
    this.#index = index;
    this.#extra = extra;
  }

  /** The role, before any text. `extra` (sector, routing) rides on it. */
  first(): Chunk {
    return this.#chunk({ role: "assistant", content: "" }, null, this.#extra);
  }

  next(event: GenerateEvent): Chunk {
    if (event.type === "text-delta") {
      return this.#chunk(
        { content: event.text },
        null,
        {},
        event.logprobs === undefined ? null : renderLogprobs(event.logprobs),
      );
    }
    if (event.type === "tool-call") {
      return this.#chunk({ tool_calls: [{ index: this.#calls++, ...renderToolCall(event.call) }] }, null);
    }
    return this.#chunk({}, event.reason, { timings: event.timings });
  }

  #chunk(delta: object, finish: FinishReason | null, extra: object = {}, logprobs: object | null = null): Chunk {
    return {
      ...chunkHead(this.#identity),
      choices: [{ index: this.#index, delta, logprobs, finish_reason: finish }],
      ...extra,
    };
  }
}

/** The last chunk when the client asked for `stream_options.include_usage`. */
export function usageChunk(identity: CompletionIdentity, usage: Usage): Chunk {
  return { ...chunkHead(identity), choices: [], usage: renderUsage(usage) };
}

function chunkHead(identity: CompletionIdentity): Chunk {
  return { id: identity.id, object: "chat.completion.chunk", created: identity.created, model: identity.model };
}
