import { checkedMessage, recentHistory, systemPromptOf, withCitations, withSummary } from "../../conversation/index.ts";
import type { ChatMessage, GenerateRequest } from "../../inference/index.ts";
import { assertOwnSession } from "../../sessions/index.ts";
import type { Answer, AnswerOpening, AnswerQuestion } from "./answer.ts";
import { NothingToAnswerError } from "./errors.ts";
import type { VoiceSessionParts } from "./parts.ts";
import { messagesOf, systemTextsOf, utterancesOf } from "./prompt-messages.ts";

export type ComposedAnswerParts = Pick<
  VoiceSessionParts,
  | "engine"
  | "resolveModel"
  | "groundPrompt"
  | "sectors"
  | "sessions"
  | "history"
  | "limits"
  | "sampling"
  | "maxTokens"
  | "newId"
>;

export interface ComposedSession {
  /** As the address asked for it, and the sector it stands for; it counts as long as the session has no other sector. */
  readonly model: string;
  readonly sector: string | null;
  /** When the session was opened, ISO 8601: what its stored conversation holds from later on stands in the items. */
  readonly openedAt: string;
}

/**
 * A reply to a conversation that the client has shaped: with functions of its own, items it wrote, moved or deleted, or a fixed adapter.
 * Routed and grounded as chat's, on a prompt made from the items.
 */
export function createComposedAnswer(parts: ComposedAnswerParts, session: ComposedSession): Answer {
  return async function* composedAnswer(question, signal) {
    const { items, sectors: allowed } = question;
    const utterances = utterancesOf(items).map((text) => checkedMessage(text, parts.limits));
    const isModels = (question.sector ?? null) === session.sector;
    const target = await parts.resolveModel({
      model: isModels ? session.model : "auto",
      sector: isModels ? undefined : question.sector,
      utterances,
      conversation: undefined,
      allowed,
      signal,
    });
    const { sector } = target.routing;
    const own = [question.instructions || systemPromptOf(parts.sectors, sector), ...systemTextsOf(items)].join("\n\n");
    const { systemPrompt, used, quotes } = await parts.groundPrompt(
      {
        message: utterances.at(-1) ?? "",
        previous: utterances.at(-2),
        sector,
        systemPrompt: own,
        use: utterances.length === 0 ? "ignore" : "use",
        allowed,
      },
      signal,
    );
    const { past, system } = await pastOf(parts, session, question, systemPrompt);
    const messages = conversationOf(past, question);
    const opening: AnswerOpening = {
      sessionId: question.sessionId ?? parts.newId(),
      messageId: parts.newId(),
      routing: target.routing,
      adapter: target.adapter,
      sources: withCitations(used, ""),
    };
    yield { type: "opening", opening };
    const generate: GenerateRequest = {
      prompt: { messages: [{ role: "system", content: system }, ...messages], ...toolsOf(question) },
      maxTokens: question.maxTokens ?? parts.maxTokens,
      sampling: parts.sampling,
      overflow: "drop-oldest",
      ...(target.adapter === null ? {} : { adapterId: target.adapter.id }),
      ...(quotes.length === 0 || question.tools.length > 0
        ? {}
        : { responseFormat: { type: "choice", choices: quotes } }),
    };
    let response = "";
    for await (const event of parts.engine.generate(generate, signal)) {
      if (event.type === "text-delta") response += event.text;
      if (event.type === "end") yield { ...event, sources: withCitations(opening.sources, response) };
      else yield event;
    }
  };
}

/** What the stored conversation holds from before the session. */
async function pastOf(
  { sessions, history }: ComposedAnswerParts,
  { openedAt }: ComposedSession,
  { sessionId, owner }: AnswerQuestion,
  systemPrompt: string,
): Promise<{ readonly past: readonly ChatMessage[]; readonly system: string }> {
  const stored = sessionId === undefined ? undefined : await sessions.load(sessionId);
  assertOwnSession(stored, owner);
  const earlier = (stored?.messages ?? []).filter(({ at }) => at < openedAt);
  const shown = recentHistory(earlier, history);
  return {
    past: shown.map(({ role, content }) => ({ role, content })),
    system: withSummary(systemPrompt, stored?.summary, shown),
  };
}

/** @throws {NothingToAnswerError} */
function conversationOf(past: readonly ChatMessage[], { items, instructions }: AnswerQuestion): readonly ChatMessage[] {
  const messages = [...past, ...messagesOf(items)];
  if (messages.length > 0) return messages;
  // "Greet the caller": we are to speak first, and what to say stands in the instructions.
  if (instructions === "") throw new NothingToAnswerError();
  return [{ role: "user", content: instructions }];
}

function toolsOf({
  tools,
  toolChoice,
}: AnswerQuestion): Pick<Extract<GenerateRequest["prompt"], { messages: unknown }>, "tools" | "toolChoice"> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters == null ? {} : { parameters }),
    })),
    toolChoice: typeof toolChoice === "string" ? toolChoice : { name: toolChoice.name },
  };
}
