import type { FastifyReply } from "fastify";

/** A signal that fires when the client leaves before its reply is complete, or after `timeoutMs`. */
export function clientSignal({ raw }: FastifyReply, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException("The reply took too long.", "TimeoutError"));
  const timer = setTimeout(late, timeoutMs).unref();
  raw.once("close", () => {
    clearTimeout(timer);
    if (!raw.writableFinished) controller.abort(new DOMException("The client has left.", "AbortError"));
  });
  return controller.signal;
}
