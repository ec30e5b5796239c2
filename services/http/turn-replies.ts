import type { TurnEvent, TurnOpening, TurnResult } from "../conversation/index.ts";
import { formatJsonEvent } from "../dialect/index.ts";

type NoteSector = (sector: string | null) => void;

/** A turn as server-sent events: the opening under `name`, `delta`…, `end`. */
export async function* turnFrames(
  events: AsyncIterable<TurnEvent>,
  noteSector: NoteSector,
  opening: { readonly name: string; readonly render: (opening: TurnOpening) => object },
  renderEnd: (result: TurnResult) => object,
): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === "opening") {
      noteSector(event.opening.routing.sector);
      yield formatJsonEvent(opening.render(event.opening), opening.name);
    } else if (event.type === "text-delta") yield formatJsonEvent({ text: event.text }, "delta");
    else yield formatJsonEvent(renderEnd(event.result), "end");
  }
}
