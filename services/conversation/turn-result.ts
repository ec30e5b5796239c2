import type { TurnEvent, TurnResult } from "./turn.ts";

/** A turn as a whole. Read until the stream is over, not only to its `end`: a reader who leaves early aborts the turn. */
export async function turnResult(
  events: AsyncIterable<TurnEvent>,
  noteSector: (sector: string | null) => void,
): Promise<TurnResult> {
  let result: TurnResult | undefined;
  for await (const event of events) {
    if (event.type === "opening") noteSector(event.opening.routing.sector);
    if (event.type === "end") result = event.result;
  }
  if (result === undefined) throw new Error("A turn ended without its end.");
  return result;
}
