import {
  checkedMessage,
  EmptyMessageError,
  type MessageLimits,
  MessageTooLongError,
  type ResolvedTarget,
  routingConversation,
} from "../conversation/index.ts";
import { type ChatCompletionRequest, textOf } from "../dialect/index.ts";
import type { ChatMessage } from "../inference/index.ts";
import type { RoutingConversation } from "../routing/index.ts";
import type { SessionStore } from "../sessions/index.ts";

/** The stored conversation behind an OpenAI request that names a session. */
export interface OpenAiSessions {
  load(
    id: string | undefined,
  ): Promise<
    { readonly messages: readonly ChatMessage[]; readonly conversation: RoutingConversation | undefined } | undefined
  >;
  /** @param session whose it is stays as it was where nobody is named */
  remember(
    session: { readonly id: string | undefined; readonly userId: string | null },
    utterance: string | undefined,
    response: string,
    target: ResolvedTarget,
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * Every message within its length, and somebody has said something.
 * @returns the utterances in NFC
 */
export function checkedConversation(
  utterances: readonly string[],
  messages: ChatCompletionRequest["messages"],
  limits: MessageLimits,
): readonly string[] {
  for (const message of messages) {
    const { length } = textOf(message.content);
    if (length > limits.maxCharacters) throw new MessageTooLongError(length, limits.maxCharacters);
  }
  const last = utterances.at(-1);
  if (last === undefined) {
    if (messages.every((message) => textOf(message.content).trim() === "")) throw new EmptyMessageError();
    return [];
  }
  checkedMessage(last, limits);
  return utterances.map((utterance) => utterance.normalize("NFC"));
}

/** @param newId ids of stored messages @param nowIso wall clock, ISO 8601 */
export function createOpenAiSessions(store: SessionStore, newId: () => string, nowIso: () => string): OpenAiSessions {
  return {
    load: async (id) => {
      if (id === undefined) return undefined;
      const session = await store.load(id);
      const messages = session?.messages ?? [];
      return {
        messages: messages.map(({ role, content }): ChatMessage => ({ role, content })),
        conversation: routingConversation(messages),
      };
    },
    remember: async ({ id, userId }, utterance, response, target, signal) => {
      if (id === undefined || utterance === undefined) return;
      const at = nowIso();
      const { sector } = target.routing;
      await store.withTurn(
        id,
        () =>
          store.append(id, {
            userId,
            sector,
            messages: [
              { id: newId(), role: "user", content: utterance, at },
              { id: newId(), role: "assistant", content: response, at, sector, adapter: target.adapter?.id ?? null },
            ],
          }),
        signal,
      );
    },
  };
}
