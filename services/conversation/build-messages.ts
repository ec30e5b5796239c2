import type { ChatMessage } from "../inference/index.ts";
import type { Sectors } from "../settings/index.ts";

/** The sector's system prompt, or the one for conversations that belong to none. */
export function systemPromptOf(sectors: Sectors, sector: string | null): string {
  return (sector === null ? undefined : sectors.byId(sector)?.systemPrompt) ?? sectors.fallbackSystemPrompt;
}

/** System prompt, the newest `historyMessages` of the conversation (from a user message on), then what was just said. */
export function buildMessages(
  systemPrompt: string,
  history: readonly { readonly role: string; readonly content: string }[],
  historyMessages: number,
  message: string,
): readonly ChatMessage[] {
  const recent = historyMessages === 0 ? [] : history.slice(-historyMessages);
  const firstUser = recent.findIndex((past) => past.role === "user");
  const shown = firstUser < 0 ? [] : recent.slice(firstUser);
  return [
    { role: "system", content: systemPrompt },
    ...shown.map(
      (past): ChatMessage => ({ role: past.role === "assistant" ? "assistant" : "user", content: past.content }),
    ),
    { role: "user", content: message },
  ];
}
