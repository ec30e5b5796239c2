import type { Disposal } from "../../foundation/index.ts";
import { keepSchedule } from "../../jobs/bullmq/keep-schedules.ts";
import type { QueueBackend } from "../../jobs/bullmq/queue-backend.ts";
import { startJobWorkers } from "../../jobs/bullmq/start-workers.ts";
import type { JobHandlers } from "../../jobs/index.ts";
import type { JobMetrics, ProcessLogger } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";

/** Whether `serve` takes jobs itself: where the settings say so, or where a `work` process would lack the queue, the database or the engine. */
export function worksInServe({ jobs, storage, inference }: Pick<Settings, "jobs" | "storage" | "inference">): boolean {
  if (jobs.embeddedWorker !== "auto") return jobs.embeddedWorker === "on";
  return jobs.store === "embedded" || storage.backend === "embedded" || inference.engine === "embedded";
}

/** Takes jobs until `disposal` closes, and keeps the schedules. */
export function startJobWork(
  { jobs }: Pick<Settings, "jobs">,
  parts: { queues: QueueBackend; handlers: JobHandlers; metrics: JobMetrics; logger: ProcessLogger },
  disposal: Disposal,
): void {
  const { queues: backend, handlers, metrics, logger } = parts;
  const ending = disposal.own(new AbortController(), (opened) => opened.abort());
  const workers = startJobWorkers({
    backend,
    handlers,
    logger,
    slots: { "serverless-run": jobs.runsAtOnce },
    stalledAfterMs: jobs.stalledAfterMs,
    drainMs: jobs.drainMs,
    onEnd: metrics.attemptEnded,
  });
  disposal.own(workers, (opened) => opened[Symbol.asyncDispose]());
  const weekly = {
    name: "feedback-report",
    key: "weekly",
    cron: jobs.reportCron === "off" ? "" : jobs.reportCron,
    timeZone: jobs.reportTimeZone,
    payload: { lastDays: 7 },
  } as const;
  void keepSchedule(backend, weekly, logger, ending.signal);
}
