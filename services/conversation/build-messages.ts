import type { ChatMessage } from "../inference/index.ts";
import type { Sectors } from "../settings/index.ts";

/** The sector's system prompt, or the one for conversations that belong to none. */
export function systemPromptOf(sectors: Sectors, sector: string | null): string {
  return (sector === null ? undefined : sectors.byId(sector)?.systemPrompt) ?? sectors.fallbackSystemPrompt;
}

/** System prompt, what is shown of the conversation (see recentHistory), then what was just said. */
export function buildMessages(
  systemPrompt: string,
  shown: readonly { readonly role: string; readonly content: string }[],
  message: string,
): readonly ChatMessage[] {
  return [
    { role: "system", content: systemPrompt },
    ...shown.map(
      (past): ChatMessage => ({ role: past.role === "assistant" ? "assistant" : "user", content: past.content }),
    ),
    { role: "user", content: message },
  ];
}
