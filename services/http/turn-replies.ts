import type { TurnEvent, TurnOpening, TurnResult } from "../conversation/index.ts";
import { formatJsonEvent } from "../dialect/index.ts";
import { pause } from "../foundation/index.ts";

type NoteSector = (sector: string | null) => void;

/**
 * An engine that refuses does so at once: for so long, ms, the opening waits for what follows it, so that a full queue is a 503 with its
 * `Retry-After` and not the first event of a stream. Later the reader sees its sector before the first word.
 */
const refusalMs = 100;

/** A turn as server-sent events: the opening under `name`, `delta`…, `end`. */
export async function* turnFrames(
  events: AsyncIterable<TurnEvent>,
  noteSector: NoteSector,
  opening: { readonly name: string; readonly render: (opening: TurnOpening) => object },
  renderEnd: (result: TurnResult) => object,
): AsyncGenerator<string> {
  for await (const event of heldBack(events)) {
    if (event.type === "opening") {
      noteSector(event.opening.routing.sector);
      yield formatJsonEvent(opening.render(event.opening), opening.name);
    } else if (event.type === "text-delta") yield formatJsonEvent({ text: event.text }, "delta");
    else yield formatJsonEvent(renderEnd(event.result), "end");
  }
}

/** The events, the first of them when the second has come or failed, or {@link refusalMs} later. */
async function* heldBack(events: AsyncIterable<TurnEvent>): AsyncGenerator<TurnEvent> {
  const iterator = events[Symbol.asyncIterator]();
  const known = new AbortController();
  try {
    const first = await iterator.next();
    if (first.done === true) return;
    const second = iterator.next();
    await Promise.race([second, pause(refusalMs, known.signal)]);
    known.abort();
    yield first.value;
    for (let next = await second; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    known.abort();
    await iterator.return?.();
  }
}
