import type { JobsOptions } from "bullmq";
import type { JobContract } from "../contracts.ts";
import type { AddOptions } from "../jobs.ts";

/** BullMQ takes jobs without a priority first, then the smaller ones; it allows some two million. */
const lowPriority = 2_000_000;

/**
 * Up to so many the queue itself keeps the number down, whenever a job ends. In the embedded database that takes time for each job it keeps, so
 * larger numbers are left to the sweep (forget-ended.ts).
 */
const keptByQueue = 1000;

/** What BullMQ is told of a job. How long it is kept after its end is our own business: BullMQ would judge all jobs by the one that ended last. */
export function queueOptions(contract: JobContract, own: string, options: AddOptions = {}): JobsOptions {
  const { type, delayMs } = contract.backoff;
  const kept = contract.keepAtMost <= keptByQueue ? { count: contract.keepAtMost } : false;
  return {
    jobId: own,
    attempts: options.attempts ?? contract.attempts,
    backoff: { type, delay: options.backoffMs ?? delayMs },
    removeOnComplete: kept,
    removeOnFail: kept,
    // A stack holds an error's message, and that may hold what a user wrote.
    stackTraceLimit: 0,
    ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
    ...(options.turn === undefined ? {} : { priority: options.turn }),
    ...(options.lowPriority === true ? { priority: lowPriority } : {}),
  };
}
