import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJobs } from "../../services/jobs/bullmq/create-jobs.ts";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import { type JobWorkersOptions, startJobWorkers } from "../../services/jobs/bullmq/start-workers.ts";
import { openEmbeddedQueues } from "../../services/jobs/embedded/open-embedded-queues.ts";
import type { JobHandlers, Jobs } from "../../services/jobs/index.ts";
import { createLogger } from "../../services/observability/index.ts";
import type { NotifyingDatabase } from "../../services/storage/index.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";

/** The embedded queue on a database of its own in a temporary folder. The first start takes seconds: open it once a file. */
export async function openTestDatabase(): Promise<NotifyingDatabase & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-jobs-"));
  const database = await openPgliteDatabase({ folder });
  const close = database[Symbol.asyncDispose].bind(database);
  return Object.assign(database, {
    async [Symbol.asyncDispose]() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** An empty queue in the database, whatever was in it before. */
export async function openTestQueues(database: NotifyingDatabase): Promise<QueueBackend> {
  const backend = await openEmbeddedQueues(database);
  for (const table of ["bullmq.job", "bullmq.meta", "bullmq.event", "bullmq.scheduler", "job_chunks", "job_marks"])
    await database.query(`delete from ${table}`);
  return backend;
}

export function jobsOver(backend: QueueBackend): Jobs {
  return createJobs(backend, randomUUID);
}

/** Workers in this process, as quick as they get. */
export function startTestWorkers(
  backend: QueueBackend,
  handlers: JobHandlers,
  options: Partial<JobWorkersOptions> = {},
): AsyncDisposable {
  return startJobWorkers({
    backend,
    handlers,
    logger: createLogger("test", "silent"),
    stalledAfterMs: 15_000,
    drainMs: 5_000,
    ...options,
  });
}
