import { Job as BullmqJob } from "bullmq";
import { contractOf, type JobName } from "../contracts.ts";
import { openEnvelope } from "../envelope.ts";
import { JobCancelledError, JobExpiredError, JobMalformedError } from "../errors.ts";
import { jobIdOf } from "../job-id.ts";
import type { Cancellation, JobNotes } from "../job-notes.ts";
import type { Job, JobError, JobProgress, JobState } from "../jobs.ts";
import { errorOf, readError, stateAfter } from "../outcome.ts";
import type { JobQueue, QueuedJob } from "./queue-backend.ts";

/** @returns undefined: there is none, or it was kept long enough */
export async function findJob(
  queue: JobQueue,
  notes: JobNotes,
  { name, own }: { readonly name: JobName; readonly own: string },
): Promise<Job | undefined> {
  const job = await readJob(queue, name, own);
  if (job !== undefined) return job;
  const cancellation = await notes.cancellation(jobIdOf(name, own));
  return cancellation === undefined || cancellation.began ? undefined : readCancelled(name, own, cancellation);
}

/** Only what the queue itself has. @param own the job's part of its id */
export async function readJob(queue: JobQueue, name: JobName, own: string): Promise<Job | undefined> {
  const found = await readState(queue, own);
  if (found === undefined) return undefined;
  const { queued, state } = found;
  const envelope = openEnvelope(contractOf(name), queued.data);
  const facts = {
    id: jobIdOf(name, own),
    name,
    payload: envelope?.payload ?? null,
    result: state === "completed" ? queued.returnvalue : null,
    progress: progressOf(queued.progress),
    attempts: queued.attemptsStarted,
    createdAt: iso(queued.timestamp),
    startedAt: queued.processedOn == null ? null : iso(queued.processedOn),
    ...standing(queued, state, envelope?.expiresAtMs),
  };
  const retain = envelope?.retainMs ?? contractOf(name).retainMs;
  const keptMs = facts.state === "completed" ? retain.completed : retain.failed;
  if (facts.endedAt !== null && Date.parse(facts.endedAt) + keptMs < Date.now()) return undefined;
  return facts as Job;
}

/** A job that was cancelled before it began: the queue no longer has it. */
function readCancelled(name: JobName, own: string, cancellation: Cancellation): Job {
  const { envelope, attempts, createdAtMs, cancelledAtMs } = cancellation;
  return {
    id: jobIdOf(name, own),
    name,
    state: "cancelled",
    payload: openEnvelope(contractOf(name), envelope)?.payload ?? null,
    result: null,
    progress: null,
    error: errorOf(new JobCancelledError()),
    attempts,
    createdAt: iso(createdAtMs),
    startedAt: null,
    endedAt: iso(cancelledAtMs),
  } as Job;
}

export function hasEnded({ state }: Job): boolean {
  return state !== "waiting" && state !== "delayed" && state !== "running";
}

async function readState(queue: JobQueue, own: string): Promise<{ queued: QueuedJob; state: string } | undefined> {
  const queued = await readQueued(queue, own);
  if (queued === undefined) return undefined;
  // What has ended says so itself; anything else has to be looked for.
  if (queued.finishedOn != null) return { queued, state: queued.returnvalue == null ? "failed" : "completed" };
  const state = await queue.getJobState(own);
  if (state === "unknown") return undefined;
  // It ended between the two looks: what was read before says nothing of how.
  const hasEnded = state === "completed" || state === "failed";
  return { queued: hasEnded ? ((await readQueued(queue, own)) ?? queued) : queued, state };
}

/** As BullMQ has it; unreadable data is no data. */
export async function readQueued(queue: JobQueue, own: string): Promise<QueuedJob | undefined> {
  try {
    return await queue.getJob(own);
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure;
    const stored = await queue.getBackend().getJobData(own);
    return stored === null || stored === undefined
      ? undefined
      : BullmqJob.fromJSON(queue, { ...stored, data: "null" }, own);
  }
}

function standing(
  queued: QueuedJob,
  state: string,
  expiresAtMs: number | undefined,
): { state: JobState; error: JobError | null; endedAt: string | null } {
  const endedAt = queued.finishedOn == null ? null : iso(queued.finishedOn);
  const error = queued.failedReason ? readError(queued.failedReason) : null;
  if (state === "completed") return { state: "completed", error: null, endedAt };
  if (state === "failed" && error !== null) return { state: stateAfter(error), error, endedAt };
  if (state === "failed") return { state: "failed", error: errorOf(new JobMalformedError(queued.name)), endedAt };
  if (state === "active") return { state: "running", error, endedAt: null };
  // Nobody took it in time; who takes it later will see that too.
  if (expiresAtMs !== undefined && expiresAtMs < Date.now() && queued.attemptsMade === 0)
    return { state: "timed-out", error: errorOf(new JobExpiredError()), endedAt: iso(expiresAtMs) };
  return { state: state === "delayed" ? "delayed" : "waiting", error, endedAt: null };
}

function progressOf(progress: unknown): JobProgress | null {
  const { done, total } = (typeof progress === "object" ? (progress ?? {}) : {}) as Partial<JobProgress>;
  return typeof done === "number" && typeof total === "number" ? { done, total } : null;
}

function iso(ms: number): string {
  return new Date(Number.isFinite(ms) ? ms : 0).toISOString();
}
