import type { Job, JobState } from "../jobs/index.ts";
import { isWaitedFor, runIdOf } from "./run-id.ts";
import type { RunFailure } from "./run-job.ts";
import type { RunState, RunStatus } from "./serverless.ts";

export type RunQueueJob = Extract<Job, { name: "serverless-run" }>;

export interface KeepTimes {
  readonly keepResultS: number;
  readonly keepSyncResultS: number;
}

const stateOf: Readonly<Record<JobState, RunState>> = {
  waiting: "IN_QUEUE",
  delayed: "IN_QUEUE",
  running: "IN_PROGRESS",
  completed: "COMPLETED",
  failed: "FAILED",
  cancelled: "CANCELLED",
  "timed-out": "TIMED_OUT",
};

export function runStateOf(job: RunQueueJob): RunState {
  return stateOf[job.state];
}

/** A job as its owner sees it. */
export function runStatusOf(job: RunQueueJob): RunStatus {
  const created = Date.parse(job.createdAt);
  // While it waits for another try it has no start that matters.
  const started = job.startedAt === null || stateOf[job.state] === "IN_QUEUE" ? undefined : Date.parse(job.startedAt);
  const ended = job.endedAt === null ? undefined : Date.parse(job.endedAt);
  const output = outputOf(job);
  return {
    ...(started === undefined ? {} : { delayTime: between(created, started) }),
    ...(started === undefined || ended === undefined ? {} : { executionTime: between(started, ended) }),
    id: runIdOf(job.id),
    ...(output === undefined ? {} : { output }),
    status: stateOf[job.state],
  };
}

/** Whether the outcome may still be asked for. The queue keeps some longer: for administrators, and for a webhook on its way. */
export function isStillKept(job: RunQueueJob, { keepResultS, keepSyncResultS }: KeepTimes, nowMs: number): boolean {
  if (job.endedAt === null) return true;
  const keepS = isWaitedFor(runIdOf(job.id)) ? keepSyncResultS : keepResultS;
  return nowMs < Date.parse(job.endedAt) + keepS * 1000;
}

function outputOf(job: RunQueueJob): object | undefined {
  if (job.state === "completed") return job.result ?? undefined;
  if (job.error === null || (job.state !== "failed" && job.state !== "timed-out")) return undefined;
  return { error: job.error.message, error_type: job.error.code, status: "error" } satisfies RunFailure;
}

/** Clocks of two machines may differ by a little. */
function between(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs);
}
