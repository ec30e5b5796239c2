import type { GenerateEvent, Usage } from "../inference/index.ts";
import { type CollectedReply, type CompletionIdentity, renderUsage, sumUsage } from "./render-chat.ts";
import { formatEvent, formatJsonEvent } from "./server-sent-events.ts";

/** OpenAI's `text_completion`, one choice a prompt. */
export function renderCompletion(identity: CompletionIdentity, replies: readonly CollectedReply[], extra: object = {}) {
  const usage = sumUsage(replies.map((reply) => reply.usage));
  const promptTokens = replies.reduce((sum, reply) => sum + reply.usage.promptTokens, 0);
  return {
    id: identity.id,
    object: "text_completion" as const,
    created: identity.created,
    model: identity.model,
    choices: replies.map((reply, index) => ({ index, text: reply.text, logprobs: null, finish_reason: reply.reason })),
    usage: renderUsage({ ...usage, promptTokens }),
    ...(replies[0] === undefined ? {} : { timings: replies[0].timings }),
    ...extra,
  };
}

/** The server-sent events of one streamed completion, the usage before `[DONE]` where it is asked for. */
export async function* completionFrames(
  events: AsyncIterable<GenerateEvent>,
  identity: CompletionIdentity,
  { include_usage: withUsage = false }: { readonly include_usage?: boolean | null | undefined } = {},
): AsyncGenerator<string> {
  let usage: Usage | undefined;
  for await (const event of events) {
    if (event.type === "end") usage = event.usage;
    const chunk = completionChunk(identity, event);
    if (chunk !== undefined) yield formatJsonEvent(chunk);
  }
  if (withUsage === true && usage !== undefined)
    yield formatJsonEvent({ ...chunkHead(identity), choices: [], usage: renderUsage(usage) });
  yield formatEvent({ data: "[DONE]" });
}

function completionChunk(identity: CompletionIdentity, event: GenerateEvent): object | undefined {
  if (event.type === "tool-call") return undefined;
  const end = event.type === "end";
  return {
    ...chunkHead(identity),
    choices: [{ index: 0, text: end ? "" : event.text, logprobs: null, finish_reason: end ? event.reason : null }],
    ...(end ? { timings: event.timings } : {}),
  };
}

function chunkHead({ id, created, model }: CompletionIdentity) {
  return { id, object: "text_completion" as const, created, model };
}
