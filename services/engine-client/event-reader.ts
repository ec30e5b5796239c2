import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { EngineFailedError } from "./errors.ts";

const longestEventBytes = 4_194_304;

/**
 * The data of the server-sent events that each piece completes, never none. What follows `[DONE]` is read and dropped: only a reply that was
 * read to its end leaves its connection open for the next request.
 * @throws {EngineFailedError} an event has no end
 */
export async function* readEvents(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly string[], void, void> {
  let ready: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => ready.push(data) });
  const decoder = new StringDecoder("utf8");
  let sinceLast = 0;
  let done = false;
  try {
    for await (const piece of pieces) {
      if (done) continue;
      parser.feed(decoder.write(piece));
      sinceLast = ready.length > 0 ? 0 : sinceLast + piece.length;
      if (sinceLast > longestEventBytes) throw new EngineFailedError("one event of its reply does not end");
      const end = ready.indexOf("[DONE]");
      done = end >= 0;
      const events = done ? ready.slice(0, end) : ready;
      ready = [];
      if (events.length > 0) yield events;
    }
  } catch (failure) {
    if (!done) throw failure;
  }
}
