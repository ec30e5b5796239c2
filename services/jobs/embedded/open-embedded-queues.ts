import { createPostgresBackend, type IQueueBackend, Queue } from "bullmq";
import { PlatformError, within } from "../../foundation/index.ts";
import type { NotifyingDatabase } from "../../storage/index.ts";
import { CarefulWorker } from "../bullmq/careful-worker.ts";
import type { JobQueue, JobWorker, QueueBackend } from "../bullmq/queue-backend.ts";
import type { JobName } from "../contracts.ts";
import { JobsUnavailableError } from "../errors.ts";
import { bullmqPool } from "./bullmq-pool.ts";
import { migrateBullmq, recoverRunning } from "./bullmq-schema.ts";
import { createMemoryNews } from "./memory-news.ts";
import { createSqlNotes } from "./sql-notes.ts";

const askLimitMs = 15_000;
const closeLimitMs = 5_000;
/** Seconds an idle worker waits before it looks again, although it is told of every job. */
const idleS = 60;

/** Queues in the embedded database, for this process alone. */
export async function openEmbeddedQueues(database: NotifyingDatabase): Promise<QueueBackend> {
  await migrateBullmq(database);
  await recoverRunning(database);
  const pool = bullmqPool(database);
  const queues = new Map<JobName, JobQueue>();
  const workers: JobWorker[] = [];

  return {
    notes: createSqlNotes(database),
    news: createMemoryNews(),

    async ask(name, work) {
      const queue = queues.get(name) ?? openQueue(name, pool);
      queues.set(name, queue);
      try {
        return await within(askLimitMs, work(queue), () => new JobsUnavailableError());
      } catch (failure) {
        // The database says better than we what is wrong with it.
        const cause = failure instanceof Error ? failure.cause : undefined;
        throw cause instanceof PlatformError ? cause : failure;
      }
    },

    work(name, processor, limits) {
      const options = { ...limits, connection: pool, drainDelay: idleS };
      const worker: JobWorker = new CarefulWorker(name, processor, options as never, createPostgresBackend as never);
      workers.push(worker);
      return worker;
    },

    async workers(name) {
      const running = workers.filter((worker) => worker.name === name && !worker.closing);
      const slots = running.reduce((sum, worker) => sum + worker.concurrency, 0);
      return { processes: Math.min(1, running.length), slots };
    },

    async [Symbol.asyncDispose]() {
      const closing = Promise.all([...workers, ...queues.values()].map((opened) => opened.close()));
      await within(closeLimitMs, closing, () => new Error("late")).catch(() => undefined);
    },
  };
}

function openQueue(name: JobName, pool: ReturnType<typeof bullmqPool>): JobQueue {
  const queue: Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend> = new Queue(
    name,
    { connection: pool } as never,
    createPostgresBackend as never,
  );
  // Whoever asks hears of it; BullMQ says everything twice.
  queue.on("error", () => undefined);
  return queue as JobQueue;
}
