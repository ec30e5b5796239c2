import { setTimeout as sleep } from "node:timers/promises";

import { carrySpan, spanOf } from "./span.ts";

/** Waits `ms`, or until `signal` fires; answers whether the whole time passed. */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch {
    return false;
  }
}

/** A signal that fires when `signal` does or `ms` have passed, whichever is first. It carries what `signal` carries. */
export function withTimeout(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  // Node 20 lets garbage collection take a timeout that only `any` refers to, and with it the limit; a listener keeps it.
  timeout.addEventListener("abort", () => {}, { once: true });
  return signal === undefined ? timeout : carrySpan(spanOf(signal), AbortSignal.any([signal, timeout]));
}

/** `promise`, or a rejection with `onTimeout()` after `ms`. The promise itself is not cancelled. */
export async function within<T>(ms: number, promise: Promise<T>, onTimeout: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(onTimeout()), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
