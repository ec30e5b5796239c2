import type { GenerateEvent } from "../inference/index.ts";

type TextDelta = Extract<GenerateEvent, { readonly type: "text-delta" }>;

/**
 * Pieces of text that came together, as one. Each event goes through a dozen generators on its way to the caller: what has piled up while the
 * gateway was busy goes that way once.
 */
export function* joinedDeltas(events: Iterable<GenerateEvent>): Generator<GenerateEvent, void, void> {
  let open: TextDelta | undefined;
  try {
    for (const event of events) {
      if (event.type === "text-delta") open = open === undefined ? event : join(open, event);
      else {
        if (open !== undefined) yield open;
        open = undefined;
        yield event;
      }
    }
  } catch (failure) {
    // What was said before it is said.
    if (open !== undefined) yield open;
    throw failure;
  }
  if (open !== undefined) yield open;
}

function join(former: TextDelta, next: TextDelta): TextDelta {
  const text = former.text + next.text;
  if (former.logprobs === undefined && next.logprobs === undefined) return { type: "text-delta", text };
  return { type: "text-delta", text, logprobs: [...(former.logprobs ?? []), ...(next.logprobs ?? [])] };
}
