import { randomUUID } from "node:crypto";
import type { Disposal } from "../../foundation/index.ts";
import { createJobs } from "../../jobs/bullmq/create-jobs.ts";
import type { QueueBackend } from "../../jobs/bullmq/queue-backend.ts";
import { openEmbeddedQueues } from "../../jobs/embedded/open-embedded-queues.ts";
import { type Jobs, jobNames } from "../../jobs/index.ts";
import { createNoJobs } from "../../jobs/no-jobs.ts";
import { openRedisQueues } from "../../jobs/redis/open-redis-queues.ts";
import type { CountJobs, ProcessLogger } from "../../observability/index.ts";
import { connectRedis } from "../../sessions/redis-connection.ts";
import type { Settings } from "../../settings/index.ts";
import { type Database, isNotifying } from "../../storage/index.ts";

export interface OpenedJobs {
  readonly jobs: Jobs;
  /** Undefined: there is no queue, and every method of `jobs` says so. */
  readonly queues: QueueBackend | undefined;
  /** For the metrics. */
  readonly countJobs: CountJobs;
}

/** Jobs where the settings want them: in Redis, or in the embedded database. On a Postgres server BullMQ loses events, so there they need Redis. */
export async function openJobs(
  settings: Pick<Settings, "jobs" | "redis">,
  database: Database,
  logger: ProcessLogger,
  disposal: Disposal,
): Promise<OpenedJobs> {
  const queues = await openQueues(settings, database, logger, disposal);
  if (queues === undefined) {
    logger.warn({ cure: "jobs.store: redis" }, "jobs-disabled");
    return { jobs: createNoJobs(), queues, countJobs: async () => [] };
  }
  disposal.own(queues, (opened) => opened[Symbol.asyncDispose]());
  const jobs = createJobs(queues, randomUUID);
  const countJobs = () =>
    Promise.all(jobNames.map(async (name) => ({ name, counts: { ...(await jobs.counts(name)) } })));
  return { jobs, queues, countJobs };
}

async function openQueues(
  { jobs, redis: { url } }: Pick<Settings, "jobs" | "redis">,
  database: Database,
  logger: ProcessLogger,
  disposal: Disposal,
): Promise<QueueBackend | undefined> {
  if (jobs.store === "embedded") return isNotifying(database) ? await openEmbeddedQueues(database) : undefined;
  const redis = disposal.own(await connectRedis(url, { logger }), (opened) => opened.disconnect());
  return openRedisQueues(redis);
}
