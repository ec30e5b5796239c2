import type { FastifyReply, FastifyRequest } from "fastify";
import { type PlatformError, spanOf } from "../foundation/index.ts";
import { asPlatformError } from "./request-faults.ts";
import { untilTaken } from "./stalled-readers.ts";
import { noteStreamFailure } from "./stream-failures.ts";

/**
 * Sends `frames` (ready-made server-sent events) as they come. The first one is awaited before the status line goes out, so a request that
 * fails at the door still gets its status code; a later failure becomes the last event. A slow reader slows the source down,
 * so that no more than a frame waits for it; one that takes nothing for the app's `stalledReaderMs` is cut off, and its source with it.
 */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  frames: AsyncIterable<string>,
  renderFailure: (error: PlatformError) => string,
): Promise<FastifyReply> {
  const iterator = frames[Symbol.asyncIterator]();
  const first = await iterator.next();
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) {
      if (raw.destroyed) break;
      if (!raw.write(next.value)) await untilTaken(raw, request.server.stalledReaderMs);
    }
  } catch (thrown) {
    const error = asPlatformError(thrown);
    if (error.status >= 500) request.log.error({ code: error.code, cause: String(error.cause ?? "") }, "stream-failed");
    spanOf(request)?.end(error.code);
    noteStreamFailure(request, error.code);
    if (!raw.destroyed) raw.write(renderFailure(error));
  } finally {
    await iterator.return?.();
    raw.end();
  }
  return reply;
}
