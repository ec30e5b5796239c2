import type { FastifyReply } from "fastify";
import { withTimeout } from "../foundation/index.ts";

/** A signal that fires when the client leaves before its reply is complete, or after `timeoutMs`. */
export function clientSignal(reply: FastifyReply, timeoutMs: number): AbortSignal {
  const left = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) left.abort(new DOMException("The client has left.", "AbortError"));
  });
  return withTimeout(timeoutMs, left.signal);
}
