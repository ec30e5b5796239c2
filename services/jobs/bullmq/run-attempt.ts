import Value from "typebox/value";
import { pause } from "../../foundation/index.ts";
import { contractOf, type JobName } from "../contracts.ts";
import type { Envelope } from "../envelope.ts";
import { JobCancelledError, JobTimedOutError } from "../errors.ts";
import { cancelTopic } from "../job-notes.ts";
import type { JobWork } from "../jobs.ts";
import { storableJson } from "../storable-json.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { ProgressKeeper } from "./progress-keeper.ts";
import type { QueueBackend, QueuedJob } from "./queue-backend.ts";

/** Time a handler has to let go after its signal fired; then the attempt ends without it. */
const graceMs = 5_000;
/** How often a running job looks whether it is cancelled, should the news of it get lost. */
const lookForCancelMs = 2_000;

/** The attempt is over without being the job's end: somebody else has the job, or it waits again. */
export class AttemptOverError extends Error {
  override readonly name = "AttemptOverError";
}

export interface AttemptParts {
  readonly queued: QueuedJob;
  readonly id: string;
  readonly envelope: Envelope;
  /** Fired from here when time is over or the job is cancelled, from outside when the process has to end. */
  readonly abort: AbortController;
}

/**
 * Runs the handler once.
 * @returns its result, as it can be kept
 * @throws what the handler throws, or any error once `abort` has fired: the signal's reason says why
 */
export async function runAttempt<Name extends JobName>(
  backend: QueueBackend,
  work: JobWork<Name>,
  { queued, id, envelope, abort }: AttemptParts,
): Promise<unknown> {
  const { signal } = abort;
  const over = (): void => abort.abort(new AttemptOverError());
  const writer = new ChunkWriter(backend, { id, run: queued.attemptsStarted, signal, onSuperseded: over });
  const progress = new ProgressKeeper((latest) => queued.updateProgress(latest));
  const timer = setTimeout(() => abort.abort(new JobTimedOutError(envelope.timeoutMs)), envelope.timeoutMs);
  const stopWatching = watchForCancel(backend, id, () => abort.abort(new JobCancelledError()));
  try {
    const running = work.run(envelope.payload as never, {
      id,
      attempt: queued.attemptsStarted,
      createdAt: new Date(queued.timestamp).toISOString(),
      signal,
      progress: (latest) => progress.set(latest),
      emit: (chunk) => writer.emit(chunk),
    });
    const result = storableJson(await orGivenUp(running, signal));
    if (!Value.Check(contractOf(queued.name as JobName).result, result))
      throw new Error(`The result is not what the contract of "${queued.name}" says.`);
    return result;
  } finally {
    clearTimeout(timer);
    stopWatching();
    await Promise.all([writer.flush(), progress.flush()]);
  }
}

/** The handler's result, or the signal's reason when the handler does not let go in time. */
async function orGivenUp<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = async (): Promise<void> => {
      if (await pause(graceMs, settled.signal)) reject(signal.reason);
    };
    if (signal.aborted) void giveUp();
    else signal.addEventListener("abort", () => void giveUp(), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([running, givenUp]);
  } finally {
    settled.abort();
  }
}

/** Beside the handler, which need not wait for it. @returns how to stop */
function watchForCancel({ notes, news }: QueueBackend, id: string, onCancelled: () => void): () => void {
  let stopped = false;
  const look = async (): Promise<void> => {
    const cancellation = await notes.cancellation(id).catch(() => undefined);
    if (cancellation !== undefined && !stopped) onCancelled();
  };
  const listening = news.listen(cancelTopic(id), () => void look());
  void listening.then(look);
  const timer = setInterval(() => void look(), lookForCancelMs);
  return () => {
    stopped = true;
    clearInterval(timer);
    void listening.then((stop) => stop());
  };
}
