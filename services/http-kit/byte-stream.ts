import type { FastifyReply, FastifyRequest } from "fastify";
import { asPlatformError } from "./request-faults.ts";
import { untilTaken } from "./stalled-readers.ts";
import { noteStreamFailure } from "./stream-failures.ts";

/**
 * Sends bytes as they come. The first are awaited before the status line goes out, so a request that fails at the door still gets its status
 * code; after a later failure the connection breaks off, since bytes have no place for an error and a whole-looking half would pass for all.
 * A slow reader slows the source down; one that takes nothing for the app's `stalledReaderMs` is cut off, and its source with it.
 */
export async function streamBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<FastifyReply> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { "content-type": contentType, "cache-control": "no-store", "x-request-id": request.id });
  try {
    for (let next = first; next.done !== true && !raw.destroyed; next = await iterator.next())
      if (next.value.length > 0 && !raw.write(next.value)) await untilTaken(raw, request.server.stalledReaderMs);
    raw.end();
  } catch (thrown) {
    const error = asPlatformError(thrown);
    if (error.status >= 500) request.log.error({ code: error.code, cause: String(error.cause ?? "") }, "stream-failed");
    noteStreamFailure(request, error.code);
    raw.destroy();
  } finally {
    await iterator.return?.();
  }
  return reply;
}
