import type { ChatMessage } from "../inference/index.ts";

/**
 * A conversation without its oldest turns; system messages and the last message stay. An answer or tool result goes with its question.
 * @param fraction of the droppable messages to drop, at least one
 * @returns undefined when there is nothing left to drop
 */
export function withoutOldestTurns(
  messages: readonly ChatMessage[],
  fraction: number,
): readonly ChatMessage[] | undefined {
  const last = messages.length - 1;
  const droppable = messages.flatMap((message, i) => (message.role !== "system" && i !== last ? [i] : []));
  if (droppable.length === 0) return undefined;
  let count = Math.min(droppable.length, Math.max(1, Math.ceil(droppable.length * fraction)));
  while (count < droppable.length && messages[droppable[count] as number]?.role !== "user") count++;
  const dropped = new Set(droppable.slice(0, count));
  return messages.filter((_, i) => !dropped.has(i));
}
