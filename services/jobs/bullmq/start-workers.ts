import { type Logger, within } from "../../foundation/index.ts";
import { contractOf, type JobName } from "../contracts.ts";
import { openEnvelope } from "../envelope.ts";
import { jobIdOf } from "../job-id.ts";
import type { JobHandlers, JobWork } from "../jobs.ts";
import { stalledTooOften } from "../outcome.ts";
import { forgetEnded } from "./forget-ended.ts";
import type { JobWorker, QueueBackend, QueuedJob } from "./queue-backend.ts";
import { AttemptOverError } from "./run-attempt.ts";
import { type AttemptOutcome, createRunJob } from "./run-job.ts";
import { tellEnding } from "./tell-ending.ts";

export interface JobWorkersOptions {
  readonly backend: QueueBackend;
  readonly handlers: JobHandlers;
  readonly logger: Logger;
  /** Jobs of a name at once, in the place of the contract's. */
  readonly slots?: { readonly [Name in JobName]?: number };
  /** After this long without a sign of life from its process a job is given to another. */
  readonly stalledAfterMs: number;
  /** How long running jobs may go on when the process has to end; then they wait again. */
  readonly drainMs: number;
  /** Called once an attempt, with its duration. */
  readonly onEnd?: (name: JobName, outcome: AttemptOutcome, seconds: number) => void;
}

/** A job whose process dies this often in the middle of it is the likely reason for it. */
const stallsAllowed = 2;
/** Pause after the store was found away. */
const retryMs = 1_000;
const sweepEveryMs = 60_000;
/** For handlers to let go, and for what they gave back to be stored. */
const closeGraceMs = 6_000;

/** Takes jobs of every name that has a handler, until it is disposed of: then it finishes what it can and gives the rest back. */
export function startJobWorkers(options: JobWorkersOptions): AsyncDisposable {
  const { backend, handlers, logger, slots = {}, stalledAfterMs, drainMs, onEnd = () => undefined } = options;
  const underWay = new Map<string, AbortController>();
  const stopping = new AbortController();
  const names = Object.keys(handlers) as JobName[];
  const workers = names.map((name) => {
    const work = handlers[name] as JobWork<JobName>;
    const run = createRunJob(name, work, { backend, logger, underWay, stopping: stopping.signal, onEnd });
    const worker = backend.work(name, run, {
      concurrency: slots[name] ?? contractOf(name).concurrency,
      lockDuration: stalledAfterMs,
      // Redis takes whole milliseconds only.
      stalledInterval: Math.ceil(stalledAfterMs / 3),
      maxStalledCount: stallsAllowed,
      runRetryDelay: retryMs,
    });
    listenTo(worker, { name, work, backend, logger, underWay });
    return worker;
  });
  const sweeping = setInterval(() => void sweep(backend, names, logger), sweepEveryMs);

  const close = async (): Promise<void> => {
    clearInterval(sweeping);
    stopping.abort();
    const closing = Promise.all(workers.map((worker) => worker.close()));
    const isDone = closing.then(() => true);
    if (await within(drainMs, isDone, () => new Error("late")).catch(() => false)) return;
    logger.warn({ jobs: underWay.size }, "jobs-given-back");
    for (const abort of underWay.values()) abort.abort(new AttemptOverError());
    await within(closeGraceMs, closing, () => new Error("late")).catch(() => undefined);
  };
  let closed: Promise<void> | undefined;
  return {
    [Symbol.asyncDispose]: () => {
      closed ??= close();
      return closed;
    },
  };
}

interface Surroundings {
  readonly name: JobName;
  readonly work: JobWork<JobName>;
  readonly backend: QueueBackend;
  readonly logger: Logger;
  readonly underWay: ReadonlyMap<string, AbortController>;
}

function listenTo(worker: JobWorker, { name, work, backend, logger, underWay }: Surroundings): void {
  const { notes, news } = backend;
  const stored = async (queued: QueuedJob, outcome: "completed" | "failed"): Promise<void> => {
    const id = jobIdOf(name, queued.id ?? "");
    await news.tell(id);
    // Where it is tried again, more may be said.
    if (queued.finishedOn == null) return;
    const { retainMs } = openEnvelope(contractOf(name), queued.data) ?? contractOf(name);
    await notes.keepFor(id, retainMs[outcome]).catch(() => undefined);
  };
  worker.on("completed", (queued) => void stored(queued, "completed"));
  worker.on("failed", (queued, failure) => {
    if (queued === undefined) return;
    void stored(queued, "failed");
    // Its processes died, so none of them has said so.
    if (failure.message === stalledTooOften) void tellEnding(name, work, queued, logger);
  });
  // The store no longer knows that the job is ours: another process may have it.
  worker.on("lockRenewalFailed", (owns) => {
    for (const own of owns) underWay.get(own)?.abort(new AttemptOverError());
  });
  worker.on("stalled", (own) => logger.warn({ job: jobIdOf(name, own) }, "job-stalled"));
  worker.on("error", quietly(logger, name));
}

/** BullMQ says an outage many times a second; once in a while is enough. */
function quietly(logger: Logger, name: JobName): (failure: Error) => void {
  let silentUntilMs = 0;
  return (failure) => {
    if (performance.now() < silentUntilMs) return;
    silentUntilMs = performance.now() + 10_000;
    logger.warn({ name, failure: failure.message.slice(0, 200) }, "job-queue-trouble");
  };
}

async function sweep(backend: QueueBackend, names: readonly JobName[], logger: Logger): Promise<void> {
  try {
    for (const name of names) await forgetEnded(backend, name);
    await backend.notes.sweep();
  } catch (failure) {
    logger.debug({ failure: String(failure) }, "job-sweep-failed");
  }
}
