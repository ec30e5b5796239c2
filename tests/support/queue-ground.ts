import { randomUUID } from "node:crypto";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import { openRedisQueues } from "../../services/jobs/redis/open-redis-queues.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import type { Database } from "../../services/storage/index.ts";
import { openTestDatabase, openTestQueues } from "./jobs.ts";

/** What jobs and batches stand on. */
export interface QueueGround extends AsyncDisposable {
  readonly database: Database;
  readonly backend: QueueBackend;
}

/** Both in an embedded database of its own. */
export async function openEmbeddedGround(): Promise<QueueGround> {
  const database = await openTestDatabase();
  const backend = await openTestQueues(database);
  return {
    database,
    backend,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A queue in Redis as one process of many sees it, beside a database. @param prefix those with the same one see the same jobs */
export async function openRedisGround(
  url: string,
  database: Database,
  prefix = `{test:${randomUUID()}}`,
): Promise<QueueGround> {
  const connection = await connectRedis(url);
  const backend = openRedisQueues(connection, prefix);
  return {
    database,
    backend,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      connection.disconnect();
    },
  };
}
