import type { Caller } from "../../access/index.ts";
import {
  audioFormat,
  type ConversationItem,
  modalities,
  type ResponseWishes,
  type SessionConfig,
} from "../events/index.ts";
import type { AnswerQuestion } from "./answer.ts";
import type { Items } from "./items.ts";
import { answeredHistory, needsOwnPrompt, unanswered } from "./prompt-messages.ts";
import type { ResponseTerms } from "./response-envelope.ts";

/** Who asks, and what of the session bears on a question. */
export interface QuestionFacts {
  readonly caller: Caller;
  readonly config: SessionConfig;
  readonly wishes: ResponseWishes;
  readonly items: readonly ConversationItem[];
  readonly sessionId: string | undefined;
}

export function questionOf({ caller, config, wishes, items, sessionId }: QuestionFacts): AnswerQuestion {
  const most = wishes.max_output_tokens ?? config.max_output_tokens;
  return {
    message: unanswered(items),
    history: answeredHistory(items),
    items,
    sessionId,
    owner: caller.keyId,
    userId: userOf(caller, config),
    sectors: caller.sectors ?? undefined,
    instructions: wishes.instructions ?? config.instructions,
    sector: config.x_sector ?? undefined,
    maxTokens: most === "inf" ? undefined : most,
    tools: wishes.tools ?? config.tools,
    toolChoice: wishes.tool_choice ?? config.tool_choice,
  };
}

/** A key that belongs to a user speaks for that user, whatever the session says. */
export function userOf(caller: Caller, config: SessionConfig): string | undefined {
  return caller.userId ?? config.x_user_id ?? undefined;
}

/** @param voice one there is */
export function termsOf({ config, wishes }: Pick<QuestionFacts, "config" | "wishes">, voice: string): ResponseTerms {
  const { output } = config.audio;
  const format = wishes.audio?.output?.format;
  return {
    output_modalities:
      wishes.output_modalities === undefined ? config.output_modalities : modalities(wishes.output_modalities),
    max_output_tokens: wishes.max_output_tokens ?? config.max_output_tokens,
    audio: { output: { format: format === undefined ? output.format : audioFormat(format), voice } },
    metadata: wishes.metadata ?? null,
    conversation_id: wishes.conversation === "none" ? null : `conv_${config.id}`,
  };
}

/**
 * Whether the turn is one that chat could take: nothing in it but what was said, to whoever the router or a sector names.
 * @param reshaped the client changed what was said before, and a stored conversation would not know of it
 */
export function isPlain(question: AnswerQuestion, wishes: ResponseWishes, pinned: boolean, reshaped: boolean): boolean {
  if (pinned || wishes.input !== undefined || question.message === "") return false;
  if (question.tools.length > 0 || needsOwnPrompt(question.items)) return false;
  return !reshaped || question.sessionId === undefined;
}

/** What a response is to go by in the place of the conversation. @throws {ItemNotFoundError} a reference to no item */
export function inputOf(wishes: ResponseWishes, items: Items, newId: () => string): readonly ConversationItem[] {
  if (wishes.input === undefined) return items.all;
  return wishes.input.map((item) =>
    item.type === "item_reference"
      ? items.get(item.id)
      : { ...item, id: item.id ?? newId(), object: "realtime.item", status: item.status ?? "completed" },
  );
}
