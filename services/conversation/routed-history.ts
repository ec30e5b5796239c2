import type { RoutingConversation } from "../routing/index.ts";

export interface PastMessage {
  readonly role: string;
  readonly content: string;
  /** Of an assistant message: the sector that answered. */
  readonly sector?: string | null;
}

const utteranceCount = 3;

/** What the router should know of a stored conversation; undefined while no sector has answered yet. */
export function routingConversation(messages: readonly PastMessage[]): RoutingConversation | undefined {
  const answers = messages.filter((message) => message.role === "assistant");
  const last = answers.findLastIndex((message) => message.sector != null);
  const sector = answers[last]?.sector;
  if (sector == null) return undefined;
  const utterances = messages.filter((message) => message.role === "user").map((message) => message.content);
  return { sector, turnsAgo: answers.length - last, utterances: utterances.slice(-utteranceCount) };
}
