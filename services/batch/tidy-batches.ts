import type { Logger } from "../foundation/index.ts";
import type { Jobs } from "../jobs/index.ts";
import type { Database } from "../storage/index.ts";
import { isUnended } from "./batch-row.ts";
import type { BatchStore } from "./batch-store.ts";
import { forgetFile } from "./database-batch-files.ts";
import { jobIdOf, queueBatch } from "./queued-batches.ts";

export interface TidyParts {
  readonly database: Database;
  readonly store: BatchStore;
  readonly jobs: Pick<Jobs, "add" | "get">;
  readonly nowMs: () => number;
  /** An hour unless told. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

/** Batches are listed for as long after their day as the longest a file may be kept. */
const batchMs = 366 * 86_400_000;
/** An upload that is not complete by then never will be. */
const uploadMs = 3_600_000;

/** Now and then: forgets files whose time is over, and looks after batches that a crash left without their job. */
export function startTidyingBatches(parts: TidyParts): AsyncDisposable {
  const { everyMs = 3_600_000, logger } = parts;
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  const start = (): void => {
    running ??= tidyBatches(parts, closing.signal)
      .catch((failure: unknown) => logger?.warn({ failure: String(failure) }, "tidying-batches-failed"))
      .finally(() => {
        running = undefined;
      });
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}

/** One round. @param signal ends it early */
export async function tidyBatches({ database, store, jobs, nowMs }: TidyParts, signal: AbortSignal): Promise<void> {
  for (const batch of await store.unended()) {
    if (signal.aborted) return;
    const job = await jobs.get(jobIdOf(batch.id));
    if (job === undefined && nowMs() < Date.parse(batch.expiresAt)) await queueBatch(jobs, batch, nowMs());
    else if (job === undefined || job.endedAt !== null) await store.end(batch.id);
  }
  const { rows } = await database.query<{ id: string }>(
    "select id from batch_files where expires_at < $1 or (not complete and created_at < $2)",
    [new Date(nowMs()), new Date(nowMs() - uploadMs)],
  );
  for (const { id } of rows) {
    if (signal.aborted) return;
    await forgetFile(database, id);
  }
  const forgotten = [new Date(nowMs() - batchMs)];
  await database.query(`delete from batches where expires_at < $1 and not (${isUnended})`, forgotten);
  // The embedded database has nobody who gives the room of deleted rows back.
  if (rows.length > 0) await database.query("vacuum batch_lines");
}
