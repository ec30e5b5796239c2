import type { ServerResponse } from "node:http";
import {
  checkedMessage,
  EmptyMessageError,
  type HistoryLimits,
  type MessageLimits,
  MessageTooLongError,
  type ResolvedTarget,
  recentHistory,
  routingConversation,
  withSummary,
} from "../conversation/index.ts";
import { type ChatCompletionRequest, textOf } from "../dialect/index.ts";
import { onReplyClose } from "../http-kit/index.ts";
import type { ChatMessage } from "../inference/index.ts";
import type { RoutingConversation } from "../routing/index.ts";
import { assertOwnSession, type SessionStore } from "../sessions/index.ts";

/** One turn of a stored conversation. */
export interface OpenAiTurn {
  /** What goes into the prompt of what was said before. */
  readonly messages: readonly ChatMessage[];
  readonly conversation: RoutingConversation | undefined;
  /** With what was said before those messages, where it was summarised. */
  systemPrompt(own: string): string;
  /** @param utterance undefined: nothing was said, and nothing is kept */
  remember(utterance: string | undefined, response: string, target: ResolvedTarget): Promise<void>;
}

/** The stored conversations behind OpenAI requests that name a session. */
export interface OpenAiSessions {
  /**
   * Waits for the session's turn, which lasts until the reply has ended, however it ends.
   * @param session `owner`: id of the key that asks; `userId`: null leaves the session's user as it was
   * @throws {SessionBusyError} @throws {SessionNotFoundError} it is another key's
   */
  begin(
    session: { readonly id: string; readonly owner: string | null; readonly userId: string | null },
    reply: ServerResponse,
    signal: AbortSignal,
  ): Promise<OpenAiTurn>;
}

export interface OpenAiSessionParts {
  readonly store: SessionStore;
  readonly history: HistoryLimits;
  /** Told of each turn that its session has kept. */
  readonly onKept: (sessionId: string) => void;
  /** Ids of stored messages. */
  readonly newId: () => string;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
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

export function createOpenAiSessions({ store, history, onKept, newId, nowIso }: OpenAiSessionParts): OpenAiSessions {
  return {
    begin: async ({ id, owner, userId }, reply, signal) => {
      await holdTurn(store, id, reply, signal);
      const session = await store.load(id);
      assertOwnSession(session, owner);
      const past = session?.messages ?? [];
      const shown = recentHistory(past, history);
      return {
        messages: shown.map(({ role, content }) => ({ role, content })),
        conversation: routingConversation(past),
        systemPrompt: (own) => withSummary(own, session?.summary, shown),
        remember: async (utterance, response, { routing: { sector }, adapter }) => {
          if (utterance === undefined) return;
          signal.throwIfAborted();
          const at = nowIso();
          await store.append(id, {
            owner,
            userId,
            sector,
            messages: [
              { id: newId(), role: "user", content: utterance, at },
              { id: newId(), role: "assistant", content: response, at, sector, adapter: adapter?.id ?? null },
            ],
          });
          onKept(id);
        },
      };
    },
  };
}

/** Resolves when the turn has begun. */
function holdTurn(store: SessionStore, id: string, reply: ServerResponse, signal: AbortSignal): Promise<void> {
  const ended = new Promise<void>((end) => onReplyClose(reply, end));
  return new Promise((begin, refuse) => {
    const turn = async (): Promise<void> => {
      begin();
      await ended;
    };
    store.withTurn(id, turn, signal).catch(refuse);
  });
}
