import { estimatedTokens } from "./token-estimate.ts";

export interface HistoryLimits {
  readonly messages: number;
  /** By an estimate; 0 = as many as the engine's context holds. */
  readonly tokens: number;
}

/** The newest messages of a conversation that are within both limits, from a user's message on: what goes into the next prompt. */
export function recentHistory<Message extends { readonly role: string; readonly content: string }>(
  history: readonly Message[],
  { messages, tokens }: HistoryLimits,
): readonly Message[] {
  const newest = messages === 0 ? [] : history.slice(-messages);
  let room = tokens === 0 ? Number.POSITIVE_INFINITY : tokens;
  const tooMuch = newest.findLastIndex(({ content }) => {
    room -= estimatedTokens(content);
    return room < 0;
  });
  const fitting = newest.slice(tooMuch + 1);
  const firstUser = fitting.findIndex(({ role }) => role === "user");
  return firstUser < 0 ? [] : fitting.slice(firstUser);
}
