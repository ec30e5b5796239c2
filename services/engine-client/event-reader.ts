import { createParser } from "eventsource-parser";
import { EngineFailedError } from "./errors.ts";

const longestEventBytes = 4_194_304;

/**
 * The data of each server-sent event, as it completes. What follows `[DONE]` is read and dropped: only a reply that was read to its end leaves
 * its connection open for the next request.
 * @throws {EngineFailedError} an event has no end
 */
export async function* readEvents(pieces: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const ready: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => ready.push(data) });
  const decoder = new TextDecoder();
  let sinceLast = 0;
  let done = false;
  try {
    for await (const piece of pieces) {
      if (done) continue;
      parser.feed(decoder.decode(piece, { stream: true }));
      sinceLast = ready.length > 0 ? 0 : sinceLast + piece.length;
      if (sinceLast > longestEventBytes) throw new EngineFailedError("one event of its reply does not end");
      for (let data = ready.shift(); data !== undefined && !done; data = ready.shift()) {
        if (data === "[DONE]") done = true;
        else yield data;
      }
    }
  } catch (failure) {
    if (!done) throw failure;
  }
}
