import { contractOf, type JobName } from "../contracts.ts";
import { Doorbell } from "../doorbell.ts";
import { type Envelope, envelopeOf, renewed } from "../envelope.ts";
import { JobMalformedError } from "../errors.ts";
import { isChosenId, jobIdOf, partsOf } from "../job-id.ts";
import type { Job, JobChunks, Jobs } from "../jobs.ts";
import { cancelJob, purgeJobs } from "./cancel-job.ts";
import { countJobs, listJobs, tallyJobs } from "./list-jobs.ts";
import type { JobQueue, QueueBackend } from "./queue-backend.ts";
import { queueOptions } from "./queue-options.ts";
import { readChunks } from "./read-chunks.ts";
import { findJob, hasEnded, readQueued } from "./read-job.ts";

/** How often who waits for a job looks at it, should news of it get lost. */
const lookAgainMs = 1_000;
const longestReadMs = 60_000;
const longestWaitMs = 300_000;

/** The `Jobs` promise kept by BullMQ, over whichever store. @param newId a job's part of its id, unless its caller chose one */
export function createJobs(backend: QueueBackend, newId: () => string): Jobs {
  const { notes, news } = backend;

  const get = async (id: string): Promise<Job | undefined> => {
    const parts = partsOf(id);
    if (parts === undefined) return undefined;
    return await backend.ask(parts.name, (queue) => findJob(queue, notes, parts));
  };

  /** Asks again at every news of the job, until the answer is what was waited for or the time is over. */
  const untilThere = async <T>(
    id: string,
    { ms, signal }: { ms: number; signal: AbortSignal | undefined },
    ask: () => Promise<T>,
    isThere: (answer: T) => boolean,
  ): Promise<T> => {
    const endMs = performance.now() + ms;
    const bell = new Doorbell();
    const stop = await news.listen(id, bell.ring);
    try {
      for (;;) {
        const answer = await ask();
        const leftMs = endMs - performance.now();
        if (isThere(answer) || leftMs <= 0) return answer;
        await bell.wait(Math.min(leftMs, lookAgainMs), signal);
      }
    } finally {
      stop();
    }
  };

  const jobs: Jobs = {
    async add(name, payload, options = {}) {
      const contract = contractOf(name);
      const envelope = envelopeOf(contract, payload, options);
      if (envelope === undefined || (options.id !== undefined && !isChosenId(options.id)))
        throw new JobMalformedError(name);
      const own = options.id ?? newId();
      await backend.ask(name, (queue) => queue.add(name, envelope, queueOptions(contract, own, options)));
      return jobIdOf(name, own);
    },

    get,

    list: ({ name, group, offset = 0, limit = 50 }) =>
      backend.ask(name, (queue) => listJobs(queue, name, { group, offset, limit: Math.min(100, limit) })),

    counts: (name) => backend.ask(name, countJobs),

    tally: (name, groupOf) => tallyJobs(backend, name, groupOf as (payload: unknown) => string),

    workers: (name) => backend.workers(name),

    async cancel(id) {
      const job = await get(id);
      if (job === undefined || hasEnded(job)) return job;
      await cancelJob(backend, job);
      return await get(id);
    },

    async retry(id) {
      const parts = partsOf(id);
      if (parts === undefined) return false;
      return await backend.ask(parts.name, (queue) => retryJob(queue, backend, parts));
    },

    purge: (name, only = () => true) => purgeJobs(backend, name, only as (payload: unknown) => boolean),

    async read(id, cursor, { waitMs = 0, signal } = {}) {
      const parts = partsOf(id);
      if (parts === undefined) return undefined;
      const ask = () => backend.ask(parts.name, (queue) => readChunks(queue, notes, parts, cursor));
      const isThere = (read: JobChunks | undefined) => read === undefined || read.ended || read.chunks.length > 0;
      const now = await ask();
      if (isThere(now) || waitMs <= 0) return now;
      return await untilThere(id, { ms: Math.min(waitMs, longestReadMs), signal }, ask, isThere);
    },

    async readOn(id, options = {}) {
      const parts = partsOf(id);
      if (parts === undefined) return undefined;
      const place = await backend.ask(parts.name, () => notes.place(id));
      const read = await jobs.read(id, place, options);
      if (read !== undefined && read.chunks.length > 0)
        await backend.ask(parts.name, () => notes.setPlace(id, read.cursor));
      return read;
    },

    waitFor: (id, ms, signal) =>
      untilThere(
        id,
        { ms: Math.min(ms, longestWaitMs), signal },
        () => get(id),
        (job) => job === undefined || hasEnded(job),
      ),
  };
  return jobs;
}

async function retryJob(
  queue: JobQueue,
  { notes }: QueueBackend,
  { name, own }: { name: JobName; own: string },
): Promise<boolean> {
  const id = jobIdOf(name, own);
  const queued = await readQueued(queue, own);
  if (queued === undefined) {
    // It was cancelled before it began: what was noted then is all there is.
    const cancelled = await notes.cancellation(id);
    if (cancelled === undefined || cancelled.began || cancelled.withoutTexts === true) return false;
    await notes.withdrawCancel(id);
    const options = { ...queueOptions(contractOf(name), own), ...cancelled.options };
    await queue.add(name, renewed(cancelled.envelope), options);
    return true;
  }
  const job = await findJob(queue, notes, { name, own });
  if (job === undefined || !hasEnded(job) || job.state === "completed") return false;
  await notes.withdrawCancel(id);
  if (job.payload !== null) await queued.updateData(renewed(queued.data as Envelope));
  // One that expired where it stood waits there still.
  if (queued.finishedOn != null) await queued.retry("failed", { resetAttemptsMade: true });
  return true;
}
