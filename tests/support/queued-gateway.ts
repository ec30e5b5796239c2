import { randomUUID } from "node:crypto";
import { createDatabaseBatchFiles } from "../../services/batch/database-batch-files.ts";
import { createDatabaseBatchStore } from "../../services/batch/database-batch-store.ts";
import { createQueuedBatches } from "../../services/batch/queued-batches.ts";
import { createPrepareLine } from "../../services/http/batch-lines.ts";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import type { JobWorkersOptions } from "../../services/jobs/bullmq/start-workers.ts";
import type { JobHandlers, Jobs } from "../../services/jobs/index.ts";
import { serverlessWork } from "../../services/main/handlers/serverless-work.ts";
import { batchWork } from "../../services/main/open/open-batches.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { createRunJob } from "../../services/serverless/index.ts";
import { createQueuedServerless } from "../../services/serverless/queued-serverless.ts";
import type { Settings } from "../../services/settings/index.ts";
import type { Database } from "../../services/storage/index.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { buildTestGateway, type GatewayOptions, type QueuedFrom, type QueuedParts } from "./gateway.ts";
import { jobsOver, startTestWorkers } from "./jobs.ts";

export interface QueuedGatewayOptions extends Partial<Omit<GatewayOptions, "queued">> {
  readonly database: Database;
  readonly backend: QueueBackend;
  /** False: jobs wait until somebody else takes them. */
  readonly works?: boolean;
  /** Jobs of a name at once. */
  readonly slots?: NonNullable<JobWorkersOptions["slots"]>;
  /** How long a batch is worked on before those of other keys come. */
  readonly batchSliceMs?: number;
  /** Wall clock of the job API, ms. */
  readonly nowMs?: () => number;
  /** In the place of the settings'. */
  readonly serverless?: Partial<Settings["serverless"]>;
}

/** A gateway with a queue behind it, and workers that take its jobs in this process. */
export async function buildQueuedGateway(options: QueuedGatewayOptions) {
  const { database, backend, works = true, slots = {}, nowMs = Date.now, serverless, batchSliceMs, ...rest } = options;
  const jobs = jobsOver(backend);
  let handlers: JobHandlers = {};
  let workers: AsyncDisposable | undefined;
  let inside: QueuedParts | undefined;
  const gateway = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    ...rest,
    queued: (given) => {
      const settings = { ...given.settings, serverless: { ...given.settings.serverless, ...serverless } };
      const parts = { ...given, settings };
      handlers = handlersOf(parts, database, jobs, batchSliceMs);
      inside = queuedParts(parts, { database, jobs, nowMs });
      return inside;
    },
  });
  const startWorkers = (): void => {
    workers = startTestWorkers(backend, handlers, { slots, stalledAfterMs: 3_000, drainMs: 1_000 });
  };
  if (works) startWorkers();
  if (inside === undefined) throw new Error("The gateway was built without its queue.");
  return {
    ...gateway,
    ...inside,
    jobs,
    /** For a gateway that began without. */
    startWorkers,
    async [Symbol.asyncDispose]() {
      await gateway.app.close();
      await workers?.[Symbol.asyncDispose]();
    },
  };
}

function queuedParts(
  { settings, limits, adapters }: QueuedFrom,
  { database, jobs, nowMs }: { readonly database: Database; readonly jobs: Jobs; readonly nowMs: () => number },
): QueuedParts {
  const time = { newId: randomUUID, nowMs };
  const store = createDatabaseBatchStore(database, { ...settings.batch, ...time });
  return {
    serverless: createQueuedServerless({
      jobs,
      settings: settings.serverless,
      limits,
      engineStatus: () => adapters.status(),
      ...time,
    }),
    files: createDatabaseBatchFiles(database, { ...settings.batch, ...time }),
    batches: createQueuedBatches({
      database,
      store,
      jobs,
      linesPerKeyPerDay: settings.batch.linesPerKeyPerDay,
      ...time,
    }),
  };
}

function handlersOf(parts: QueuedFrom, database: Database, jobs: Jobs, sliceMs?: number): JobHandlers {
  const { settings, takeTurn, requests, metrics, adapters, nowIso } = parts;
  const nowMs = () => performance.now();
  const runJob = createRunJob({ takeTurn, requests, metrics, endpoint: "/v2/:endpoint/run", nowMs, nowIso });
  const prepare = createPrepareLine({ ...parts, replyTimeoutMs: settings.http.replyTimeoutMs });
  return {
    ...serverlessWork(settings, jobs, runJob),
    ...batchWork(settings, { database, adapters, prepare, ...(sliceMs === undefined ? {} : { sliceMs }) }),
  };
}
