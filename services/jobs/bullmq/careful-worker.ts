import { type IQueueBackend, type Job, type JobJson, Worker } from "bullmq";

/** A worker that something unreadable in its queue does not stop: such a job is taken as one without a payload, and ends as malformed. */
export class CarefulWorker extends Worker<unknown, unknown, string, IQueueBackend> {
  protected override createJob(data: JobJson, jobId: string): Job<unknown, unknown> {
    try {
      return super.createJob(data, jobId);
    } catch {
      return super.createJob({ ...data, data: "null" }, jobId);
    }
  }
}
