import { createRedisBackend, type IQueueBackend, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { within } from "../../foundation/index.ts";
import { CarefulWorker } from "../bullmq/careful-worker.ts";
import type { JobQueue, JobWorker, QueueBackend } from "../bullmq/queue-backend.ts";
import type { JobName } from "../contracts.ts";
import { JobsUnavailableError } from "../errors.ts";
import { createRedisNews } from "./redis-news.ts";
import { createRedisNotes } from "./redis-notes.ts";

/** The braces keep all keys on one node of a Redis cluster, which BullMQ's scripts need. */
const defaultPrefix = "{sektor:jobs}";
/** For one request to the queue, however many commands it takes. */
const askLimitMs = 5_000;
const closeLimitMs = 5_000;
/** How a worker's connection says how many jobs it takes at once; Redis lists it for as long as the connection lives. */
const slotsInName = /:w:(\d+)$/;

/**
 * Queues in Redis, for any number of processes.
 * @param redis refuses at once while Redis is away (`connectRedis`); what workers need is made from it. It stays the caller's to close
 */
export function openRedisQueues(redis: Redis, prefix: string = defaultPrefix): QueueBackend {
  const queues = new Map<JobName, JobQueue>();
  const workers = new Set<JobWorker>();
  // Those that work wait for Redis instead of giving up; nobody stands behind them with a request.
  const patient = (): Redis => {
    const connection = redis.duplicate({
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
      // BullMQ waits for a connection that is on its way, and gives one up whose first attempt it made itself.
      lazyConnect: false,
      commandTimeout: undefined,
      socketTimeout: undefined,
    });
    connection.on("error", ignore);
    return connection;
  };
  const subscriber = patient();
  let consumer: Redis | undefined;

  return {
    notes: createRedisNotes(redis, prefix),
    news: createRedisNews(redis, subscriber, `${prefix}:news`),

    async ask(name, work) {
      // Otherwise BullMQ would keep the command and send it when Redis is back, long after the caller was told no.
      if (redis.status !== "ready") throw new JobsUnavailableError();
      const queue = queues.get(name) ?? openQueue(name, redis, prefix);
      queues.set(name, queue);
      try {
        return await within(askLimitMs, work(queue), () => new JobsUnavailableError());
      } catch (failure) {
        if (!isOfConnection(failure, redis)) throw failure;
        // A queue whose connection failed while it was being made stays broken.
        queues.delete(name);
        throw new JobsUnavailableError(failure);
      }
    },

    work(name, processor, limits) {
      consumer ??= patient();
      const options = { ...limits, connection: consumer, prefix, name: String(limits.concurrency) };
      const worker: JobWorker = new CarefulWorker(name, processor, options);
      workers.add(worker);
      return worker;
    },

    async workers(name) {
      const connected = await this.ask(name, (queue) => queue.getWorkers());
      const slots = connected.map(({ rawname = "" }) => Number(slotsInName.exec(rawname)?.[1] ?? 1));
      return { processes: connected.length, slots: slots.reduce((sum, some) => sum + some, 0) };
    },

    async [Symbol.asyncDispose]() {
      const closing = Promise.all([...workers, ...queues.values()].map((opened) => opened.close()));
      await within(closeLimitMs, closing, () => new Error("late")).catch(ignore);
      consumer?.disconnect();
      subscriber.disconnect();
    },
  };
}

function openQueue(name: JobName, redis: Redis, prefix: string): JobQueue {
  const queue: Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend> = new Queue(
    name,
    { connection: redis, prefix },
    createRedisBackend,
  );
  // Whoever asks hears of it; BullMQ says everything twice.
  queue.on("error", ignore);
  return queue as JobQueue;
}

/** Whether the way to Redis is to blame, not what was asked. */
function isOfConnection(failure: unknown, redis: Redis): boolean {
  if (failure instanceof JobsUnavailableError || redis.status !== "ready") return true;
  const { message = "" } = failure as Partial<Error>;
  return /Connection is closed|Command timed out|Socket timeout|ECONN|EPIPE|LOADING|READONLY|writeable|MISCONF|OOM/.test(
    message,
  );
}

function ignore(): void {}
