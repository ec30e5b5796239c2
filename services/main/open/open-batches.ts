import { randomUUID } from "node:crypto";
import { createBatchWork } from "../../batch/batch-work.ts";
import { createDatabaseBatchFiles } from "../../batch/database-batch-files.ts";
import { createDatabaseBatchStore } from "../../batch/database-batch-store.ts";
import type { Batches, BatchFiles, PrepareLine } from "../../batch/index.ts";
import { readLines } from "../../batch/line-store.ts";
import { createQueuedBatches } from "../../batch/queued-batches.ts";
import { startTidyingBatches } from "../../batch/tidy-batches.ts";
import type { AdapterDirectory } from "../../conversation/index.ts";
import type { Disposal, Logger } from "../../foundation/index.ts";
import type { JobHandlers, Jobs } from "../../jobs/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";

const time = { newId: randomUUID, nowMs: Date.now };

/** Batches as a gateway offers them; it also looks after their files. */
export function openBatches(
  { batch }: Pick<Settings, "batch">,
  { database, jobs, logger }: { readonly database: Database; readonly jobs: Jobs; readonly logger: Logger },
  disposal: Disposal,
): { readonly files: BatchFiles; readonly batches: Batches } {
  const store = createDatabaseBatchStore(database, { ...batch, ...time });
  const tidy = { database, store, jobs, logger, nowMs: time.nowMs };
  disposal.own(startTidyingBatches(tidy), (opened) => opened[Symbol.asyncDispose]());
  return {
    files: createDatabaseBatchFiles(database, { ...batch, ...time }),
    batches: createQueuedBatches({ database, store, jobs, linesPerKeyPerDay: batch.linesPerKeyPerDay, ...time }),
  };
}

/** What a process that works on batches does with them. */
export function batchWork(
  { batch }: Pick<Settings, "batch">,
  {
    database,
    adapters,
    prepare,
    sliceMs,
  }: {
    readonly database: Database;
    readonly adapters: Pick<AdapterDirectory, "status">;
    readonly prepare: PrepareLine;
    /** See BatchWorkParts. */
    readonly sliceMs?: number;
  },
): Required<Pick<JobHandlers, "batch">> {
  const isBusy = async (): Promise<boolean> => {
    const status = await adapters.status().catch(() => undefined);
    return status !== undefined && status.capacity.queued > 0;
  };
  return {
    batch: createBatchWork({
      store: createDatabaseBatchStore(database, { ...batch, ...time }),
      linesOf: (id) => readLines(database, { id, ok: null }),
      prepare,
      concurrency: batch.concurrency,
      isBusy,
      newId: time.newId,
      ...(sliceMs === undefined ? {} : { sliceMs }),
    }),
  };
}
