import type { Jobs } from "../jobs/index.ts";
import type { Database } from "../storage/index.ts";
import type { BatchStore } from "./batch-store.ts";
import { type Batch, type Batches, hasEnded } from "./batches.ts";
import { inputLinesOf } from "./database-batch-files.ts";
import { BatchNotFoundError } from "./errors.ts";

export interface QueuedBatchesParts {
  readonly database: Database;
  readonly store: BatchStore;
  readonly jobs: Pick<Jobs, "add" | "cancel">;
  /** Lines of one key's batches in 24 hours; 0: any number. */
  readonly linesPerKeyPerDay: number;
  readonly newId: () => string;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

/** A batch has a day, as its `completion_window` says. */
const windowMs = 86_400_000;
/** Batches of one key that have not ended; others' come in between. */
const mostUnended = 10;
/** Failures that end an attempt (a database that is away) have passed by then, or will not. */
const attempts = 12;

/** Batches whose rows stand in the database and whose work waits in the queue. */
export function createQueuedBatches(parts: QueuedBatchesParts): Batches {
  const { database, store, jobs, newId, nowMs } = parts;
  const bounds = { unended: mostUnended, linesADay: parts.linesPerKeyPerDay };
  const own = async (id: string, keyId: string | null): Promise<Batch> => {
    const batch = await store.load(id);
    if (batch === undefined || batch.keyId !== keyId) throw new BatchNotFoundError();
    return batch;
  };

  return {
    create: async (owner, batch) => {
      await inputLinesOf(database, batch.inputFileId, owner.keyId, new Date(nowMs()));
      const created = await store.insert(`batch_${newId().replaceAll("-", "")}`, owner, batch, windowMs, bounds);
      try {
        await queueBatch(jobs, created, nowMs());
      } catch (failure) {
        // Whoever is told no may send it again.
        await store.remove(created.id);
        throw failure;
      }
      return created;
    },

    get: own,

    list: async (keyId, { after, limit }) => {
      const batches = await store.list(keyId, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
      return { batches: batches.slice(0, limit), hasMore: batches.length > limit };
    },

    cancel: async (id, keyId) => {
      const batch = await own(id, keyId);
      if (hasEnded(batch)) return batch;
      await store.move(id, ["validating", "in_progress"], "cancelling");
      const job = await jobs.cancel(jobIdOf(id));
      // Nobody works on it, so nobody else will end it.
      if (job === undefined || job.endedAt !== null) await store.end(id);
      return await own(id, keyId);
    },
  };
}

/** Adding it again changes nothing. */
export async function queueBatch(
  jobs: Pick<Jobs, "add">,
  { id, expiresAt, turn }: Batch,
  nowMs: number,
): Promise<void> {
  const leftMs = Math.max(1, Date.parse(expiresAt) - nowMs);
  await jobs.add("batch", { batchId: id }, { id, expireMs: leftMs, timeoutMs: leftMs, attempts, turn });
}

export function jobIdOf(batchId: string): string {
  return `batch.${batchId}`;
}
