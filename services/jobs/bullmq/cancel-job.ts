import { contractOf, type JobContract, type JobName } from "../contracts.ts";
import { type Envelope, openEnvelope } from "../envelope.ts";
import { JobScheduledError } from "../errors.ts";
import { jobIdOf, partsOf } from "../job-id.ts";
import { type Cancellation, cancelTopic } from "../job-notes.ts";
import type { Job } from "../jobs.ts";
import type { JobQueue, QueueBackend, QueuedJob } from "./queue-backend.ts";
import { readQueued } from "./read-job.ts";

/** Jobs a purge looks at at once. */
const bite = 50;

/**
 * The wish is noted first: whoever takes the job from now on sees it. Then one that waits is taken out, and who runs it is told.
 * @param keepsTexts whether what a user wrote is kept with the wish, so that the job can wait again
 * @returns whether it was taken out before it began
 */
export async function cancelJob(
  backend: QueueBackend,
  { id, state }: Pick<Job, "id" | "state">,
  keepsTexts = true,
): Promise<boolean> {
  const parts = partsOf(id);
  if (parts === undefined) return false;
  return await backend.ask(parts.name, async (queue) => {
    const queued = await readQueued(queue, parts.own);
    if (queued === undefined) return false;
    if (queued.repeatJobKey !== undefined && state !== "running") throw new JobScheduledError();
    const { retainMs = contractOf(parts.name).retainMs } = queued.data as Partial<Envelope>;
    const ask = (began: boolean) => {
      const cancellation = cancellationOf(queued, began);
      const noted = keepsTexts ? cancellation : withoutTexts(contractOf(parts.name), cancellation);
      return backend.notes.askCancel(id, noted, retainMs.failed);
    };
    if (state !== "running") {
      await ask(false);
      if ((await queue.remove(parts.own)) === 1) {
        await backend.news.tell(id);
        return true;
      }
    }
    await ask(true);
    await backend.news.tell(cancelTopic(id));
    return false;
  });
}

/** Of what users wrote nothing stays. @param only sees the payloads that are what the contract says; other jobs stay. @returns how many were taken out */
export async function purgeJobs(
  backend: QueueBackend,
  name: JobName,
  only: (payload: unknown) => boolean,
): Promise<number> {
  const contract = contractOf(name);
  let purged = 0;
  for (const type of ["delayed", "waiting", "prioritized"] as const) {
    // Once at its beginning: what comes later was not meant.
    const ids = await backend.ask(name, (queue) => queue.getRanges([type], 0, -1, true));
    for (let from = 0; from < ids.length; from += bite) {
      const gone = await Promise.all(
        ids.slice(from, from + bite).map(async (own) => {
          const queued = await backend.ask(name, (queue: JobQueue) => readQueued(queue, own));
          const envelope = openEnvelope(contract, queued?.data);
          if (queued?.repeatJobKey !== undefined || envelope === undefined || !only(envelope.payload)) return false;
          return await cancelJob(backend, { id: jobIdOf(name, own), state: "waiting" }, false);
        }),
      );
      purged += gone.filter(Boolean).length;
    }
  }
  return purged;
}

function withoutTexts({ withoutTexts: strip }: JobContract, cancellation: Cancellation): Cancellation {
  if (strip === undefined) return cancellation;
  const { envelope } = cancellation;
  return { ...cancellation, envelope: { ...envelope, payload: strip(envelope.payload) }, withoutTexts: true };
}

function cancellationOf(queued: QueuedJob, began: boolean): Cancellation {
  const { attempts, backoff, priority } = queued.opts;
  return {
    began,
    envelope: queued.data as Envelope,
    attempts: queued.attemptsStarted,
    createdAtMs: queued.timestamp,
    cancelledAtMs: Date.now(),
    options: { attempts, backoff, ...(priority ? { priority } : {}) },
  };
}
