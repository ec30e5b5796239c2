import type { Router, RoutingConversation } from "../routing/index.ts";

export interface PastMessage {
  readonly role: string;
  readonly content: string;
  /** Of an assistant message: the sector that answered. */
  readonly sector?: string | null;
}

const utteranceCount = 3;

/** How far back a client's own history is routed again to find the conversation's sector. */
const historyUtterances = 6;

/** What the router should know of a stored conversation; undefined while no sector has answered yet. */
export function routingConversation(messages: readonly PastMessage[]): RoutingConversation | undefined {
  const answers = messages.filter((message) => message.role === "assistant");
  const last = answers.findLastIndex((message) => message.sector != null);
  const sector = answers[last]?.sector;
  if (sector == null) return undefined;
  const utterances = messages.filter((message) => message.role === "user").map((message) => message.content);
  return { sector, turnsAgo: answers.length - last, utterances: utterances.slice(-utteranceCount) };
}

/** Where the conversation stood after its earlier messages: each is routed in turn, as it would have been live. */
export function routedUtterances(router: Router, utterances: readonly string[]): RoutingConversation | undefined {
  let sector: string | undefined;
  let turnsAgo = 1;
  const recent = utterances.slice(-historyUtterances);
  for (const [i, utterance] of recent.entries()) {
    const decision = router.classify(
      utterance,
      sector === undefined ? {} : { conversation: { sector, turnsAgo, utterances: recent.slice(0, i) } },
    );
    turnsAgo = decision.sector === null ? turnsAgo + 1 : 1;
    sector = decision.sector ?? sector;
  }
  return sector === undefined ? undefined : { sector, turnsAgo, utterances: recent };
}
