import type { ServerResponse } from "node:http";

/**
 * Calls `closed` when a reply is over, complete or not: at once where its client has left already, since nothing more would be heard of it.
 * Hooks that wait (for a limiter in Redis, say) leave a client the time to go before the route begins.
 */
export function onReplyClose(reply: ServerResponse, closed: () => void): void {
  if (reply.closed || reply.destroyed) closed();
  else reply.once("close", closed);
}
