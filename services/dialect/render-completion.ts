import type { GenerateEvent } from "../inference/index.ts";
import { type CollectedReply, type CompletionIdentity, renderUsage, sumUsage } from "./render-chat.ts";

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

export function completionChunk(identity: CompletionIdentity, index: number, event: GenerateEvent): object | undefined {
  if (event.type === "tool-call") return undefined;
  const end = event.type === "end";
  return {
    id: identity.id,
    object: "text_completion",
    created: identity.created,
    model: identity.model,
    choices: [{ index, text: end ? "" : event.text, logprobs: null, finish_reason: end ? event.reason : null }],
    ...(end ? { timings: event.timings } : {}),
  };
}
