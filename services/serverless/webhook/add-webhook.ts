import type { Jobs, PayloadOf } from "../../jobs/index.ts";
import type { Settings } from "../../settings/index.ts";

/** How long a call waits for the job it tells of to be settled: it is queued a moment before. */
export const settleMs = 30_000;

/**
 * Queues the call that tells of a job's outcome, if somebody wants it. It is a job of its own, so that it outlives this process. A crash at
 * the very end of a job can queue it twice.
 */
export async function addWebhook(
  jobs: Pick<Jobs, "add">,
  { tries, pauseMs, timeoutMs }: Settings["serverless"]["webhook"],
  { id, payload }: { readonly id: string; readonly payload: PayloadOf<"serverless-run"> | null },
): Promise<void> {
  if (payload?.webhook === undefined) return;
  const options = { attempts: tries, backoffMs: pauseMs, timeoutMs: settleMs + timeoutMs + 5_000 };
  await jobs.add("webhook", { jobId: id, url: payload.webhook }, options);
}
