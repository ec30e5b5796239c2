import type { FastifyReply } from "fastify";
import { carrySpan, spanOf } from "../foundation/index.ts";
import { onReplyClose } from "./reply-close.ts";

/** A signal that fires when the client leaves before its reply is complete, or after `timeoutMs`. It carries the request's trace. */
export function clientSignal({ raw, request }: FastifyReply, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException("The reply took too long.", "TimeoutError"));
  const timer = setTimeout(late, timeoutMs).unref();
  onReplyClose(raw, () => {
    clearTimeout(timer);
    if (!raw.writableFinished) controller.abort(new DOMException("The client has left.", "AbortError"));
  });
  return carrySpan(spanOf(request), controller.signal);
}
