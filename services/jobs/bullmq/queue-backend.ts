import type { IQueueBackend, Job, Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { JobName } from "../contracts.ts";
import type { JobNews, JobNotes } from "../job-notes.ts";

/** BullMQ's own view of one job name, over whichever store. What stands in it may be anything: it is checked when it is read. */
export type JobQueue = Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend, unknown>;
export type QueuedJob = Job<unknown, unknown>;
export type JobWorker = Worker<unknown, unknown, string, IQueueBackend>;
export type WorkerLimits = Pick<
  WorkerOptions,
  "concurrency" | "lockDuration" | "stalledInterval" | "maxStalledCount" | "runRetryDelay"
>;

/** The store behind the queues: Redis, or the embedded database. */
export interface QueueBackend extends AsyncDisposable {
  readonly notes: JobNotes;
  readonly news: JobNews;
  /**
   * Does something with a name's queue.
   * @throws {JobsUnavailableError} the store is out of reach, or did not answer in time
   */
  ask<T>(name: JobName, work: (queue: JobQueue) => Promise<T>): Promise<T>;
  /** Takes jobs until it is closed; while the store is away it waits. Listen to its `error`. */
  work(name: JobName, processor: Processor<unknown, unknown, string>, limits: WorkerLimits): JobWorker;
  workers(name: JobName): Promise<{ readonly processes: number; readonly slots: number }>;
}
