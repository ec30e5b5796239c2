import type { Jobs } from "../jobs/index.ts";
import { RunQueueFullError } from "./errors.ts";

/** How long a count of the queue is trusted. */
const trustedMs = 500;

/**
 * Keeps a queue within its bound. The count is asked for twice a second at most, with what this process has added since on top: asking at
 * every job would cost as much as adding it. Several gateways together may exceed the bound by what they add in half a second.
 */
export function createQueueBound(
  jobs: Pick<Jobs, "counts">,
  maxQueued: number,
  nowMs: () => number,
): { readonly admit: () => Promise<void> } {
  let counted = { atMs: Number.NEGATIVE_INFINITY, waiting: 0 };
  return {
    /** @throws {RunQueueFullError} */
    admit: async () => {
      if (nowMs() - counted.atMs >= trustedMs) {
        const { waiting, delayed } = await jobs.counts("serverless-run");
        counted = { atMs: nowMs(), waiting: waiting + delayed };
      }
      if (counted.waiting >= maxQueued) throw new RunQueueFullError(maxQueued);
      counted.waiting += 1;
    },
  };
}
