/** What of a grpc-js call is needed to know when nobody waits for its reply any more. */
export interface EndingCall {
  getDeadline(): Date | number;
  once(event: "cancelled", listener: () => void): unknown;
}

/**
 * A signal that fires when the caller leaves, when its deadline or `timeoutMs` has passed, or when `abandon` is called. The reasons are
 * those of `clientSignal`, so that rows and errors have the same names whatever way is asked. Call `done` when the reply has ended.
 */
export function callSignal(call: EndingCall, timeoutMs: number) {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException("The reply took too long.", "TimeoutError"));
  const timer = setTimeout(late, timeoutMs).unref();
  call.once("cancelled", () => {
    // grpc-js has answered DEADLINE_EXCEEDED by itself then; timers may fire a millisecond early.
    if (Number(call.getDeadline()) <= Date.now() + 1) late();
    else controller.abort(new DOMException("The client has left.", "AbortError"));
  });
  return {
    signal: controller.signal,
    abandon: (reason: Error): void => controller.abort(reason),
    done: (): void => clearTimeout(timer),
  };
}
