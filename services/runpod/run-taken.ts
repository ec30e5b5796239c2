import { type Logger, withTimeout } from "../foundation/index.ts";
import { type RunJob, type RunOutput, runFailure } from "../serverless/index.ts";
import type { JobEndpoint, JobOutcome, TakenJob } from "./endpoint.ts";
import { PartSender } from "./part-sender.ts";

/** Why a job is broken off whose outcome nobody wants any more. */
export class JobCancelled extends Error {
  override readonly name = "JobCancelled";
}

export interface RunTakenParts {
  readonly endpoint: JobEndpoint;
  readonly runJob: RunJob;
  /** Whether replies are also posted piece by piece, where the endpoint takes them. */
  readonly stream: boolean;
  readonly jobTimeoutMs: number;
  readonly workerId: string;
  /** From the start of the process until the first question for jobs. */
  readonly coldStartMs: number;
  /** Told when a job has come to its outcome. @returns whether it is the last before the worker wants to be replaced */
  readonly settled: () => boolean;
  /** Fires when even posting must stop. */
  readonly giveUp: AbortSignal;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** Runs a job and posts what it came to; nothing is thrown, the log tells. @param signal breaks the job off */
export async function runTaken(parts: RunTakenParts, job: TakenJob, signal: AbortSignal): Promise<void> {
  const { endpoint, log, nowMs, giveUp } = parts;
  const startedMs = nowMs();
  const parted = parts.stream && endpoint.streams;
  const sender = parted
    ? new PartSender((text) => endpoint.postPart(job.id, text, AbortSignal.any([signal, giveUp])))
    : undefined;
  const ran = await outcomeOf(parts, job, signal, (text) => sender?.push(text));
  const streamed = (await sender?.end()) ?? false;
  const last = parts.settled();
  const runMs = Math.round(nowMs() - startedMs);
  const facts = { jobId: job.id, ms: runMs, outcome: ran.ended };
  if (signal.reason instanceof JobCancelled) {
    log.info(facts, "job-cancelled");
    return;
  }
  const outcome = ran.render({ id: parts.workerId, cold_start_ms: Math.round(parts.coldStartMs), run_ms: runMs });
  const body = last ? { ...outcome, stopPod: true as const } : outcome;
  const arrived = await endpoint.postOutcome(job.id, body, streamed, giveUp).catch(() => false);
  if (arrived) log.info(facts, "job-done");
  else log.error(facts, "job-outcome-lost");
}

interface WorkerFacts {
  readonly id: string;
  readonly cold_start_ms: number;
  readonly run_ms: number;
}

interface Ran {
  /** `ok`, or an error's code. */
  readonly ended: string;
  readonly render: (worker: WorkerFacts) => JobOutcome;
}

async function outcomeOf(
  { runJob, jobTimeoutMs, log }: RunTakenParts,
  { id, input }: TakenJob,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Ran> {
  try {
    const output: RunOutput = await runJob({ id, input, onText }, withTimeout(jobTimeoutMs, signal));
    return { ended: "ok", render: (worker) => ({ output: { ...output, worker } }) };
  } catch (thrown) {
    const failure = runFailure(thrown);
    const { error: error_message, error_type } = failure;
    // What nobody foresaw tells the caller nothing, so the log must.
    if (error_type === "internal") log.error({ jobId: id, cause: String(thrown) }, "job-failed");
    return {
      ended: error_type,
      // Who reads `error` expects the endpoint's own fields in it; `output` is what our own job API answers.
      render: (worker) => ({
        error: JSON.stringify({ error_type, error_message, worker_id: worker.id }),
        output: { ...failure, worker },
      }),
    };
  }
}
