import type { PastUtterance } from "../../conversation/index.ts";
import type { ChatMessage } from "../../inference/index.ts";
import type { ConversationItem } from "../events/index.ts";

/** What an item says, as text; "" where it says nothing, or nothing that is known yet. */
export function textOf(item: ConversationItem): string {
  if (item.type !== "message") return "";
  const parts: readonly { readonly text?: string; readonly transcript?: string | null }[] = item.content;
  return parts
    .map(({ text, transcript }) => text ?? transcript ?? "")
    .join(" ")
    .trim()
    .normalize("NFC");
}

/** What the user has said since we last answered: a sentence that was begun anew, or finished later, is one question. */
export function unanswered(items: readonly ConversationItem[]): string {
  const said: string[] = [];
  for (const item of items.toReversed()) {
    if (item.type !== "message" || item.role === "system") continue;
    const text = textOf(item);
    if (item.role === "assistant" && text !== "") break;
    if (item.role === "user" && text !== "") said.unshift(text);
  }
  return said.join(" ");
}

/** What was said before that. */
export function answeredHistory(items: readonly ConversationItem[]): readonly PastUtterance[] {
  const last = items.findLastIndex((item) => isFrom(item, "assistant") && textOf(item) !== "");
  return items.slice(0, last + 1).flatMap((item): readonly PastUtterance[] => {
    const content = textOf(item);
    if (content === "" || item.type !== "message" || item.role === "system") return [];
    return [{ role: item.role, content }];
  });
}

/** Every utterance of the user, oldest first. */
export function utterancesOf(items: readonly ConversationItem[]): readonly string[] {
  return items
    .filter((item) => isFrom(item, "user"))
    .map(textOf)
    .filter((text) => text !== "");
}

/** Whether they hold what only the engine itself understands: instructions in the middle, functions that were called. */
export function needsOwnPrompt(items: readonly ConversationItem[]): boolean {
  return items.some((item) => item.type !== "message" || item.role === "system");
}

/** What the client wants to be known beside the system prompt. */
export function systemTextsOf(items: readonly ConversationItem[]): readonly string[] {
  return items
    .filter((item) => isFrom(item, "system"))
    .map(textOf)
    .filter((text) => text !== "");
}

/** The items as messages of a prompt, system messages left out. Neighbours of one role become one message: templates want turns. */
export function messagesOf(items: readonly ConversationItem[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    const message = messageOf(item);
    const before = messages.at(-1);
    if (message === undefined) continue;
    if (before?.role === "user" && message.role === "user")
      messages[messages.length - 1] = { ...before, content: `${before.content} ${message.content}` };
    else messages.push(message);
  }
  return messages;
}

function messageOf(item: ConversationItem): ChatMessage | undefined {
  switch (item.type) {
    case "function_call": {
      const call = { id: item.call_id ?? item.id, name: item.name, arguments: item.arguments };
      return { role: "assistant", content: "", toolCalls: [call] };
    }
    case "function_call_output":
      return { role: "tool", content: item.output, toolCallId: item.call_id };
    case "message": {
      const content = textOf(item);
      return content === "" || item.role === "system" ? undefined : { role: item.role, content };
    }
  }
}

function isFrom(item: ConversationItem, role: "system" | "user" | "assistant"): boolean {
  return item.type === "message" && item.role === role;
}
