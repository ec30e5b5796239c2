import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createDatabaseFeedbackStore } from "../feedback/database-feedback-store.ts";
import { Disposal, PlatformError } from "../foundation/index.ts";
import { createDatabaseJobOutputs } from "../jobs/database-job-outputs.ts";
import { createGatewayMetrics, type ProcessLogger, registerJobMetrics } from "../observability/index.ts";
import { createMemorySessionStore } from "../sessions/memory-session-store.ts";
import type { Settings } from "../settings/index.ts";
import { buildWorkApp } from "./build-work-app.ts";
import { platformHandlers } from "./handlers/job-handlers.ts";
import { startJobWork } from "./handlers/start-job-work.ts";
import { turnHandlers } from "./handlers/turn-handlers.ts";
import { openDatabase } from "./open/open-database.ts";
import { openDomain } from "./open/open-domain.ts";
import { openEngineClient } from "./open/open-engine-client.ts";
import { openJobs } from "./open/open-jobs.ts";
import { openProcessTracing } from "./open/open-process-tracing.ts";
import { openRecords } from "./open/open-records.ts";
import { openTurns } from "./open/open-turns.ts";
import { startInfer } from "./supervision/start-infer.ts";

export interface ComposeWorkOptions {
  readonly settings: Settings;
  readonly logger: ProcessLogger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The parts list of a process that only works: a queue and a database it shares with the gateways, and an engine. */
export async function composeWork({ settings: given, logger, environment }: ComposeWorkOptions) {
  requireShared(given);
  // A gateway on the same machine has the data folder itself.
  const folder = join(given.storage.folder, "work");
  const settings = { ...given, storage: { ...given.storage, folder } };
  const disposal = new Disposal();
  const nowMs = () => performance.now();
  const nowIso = () => new Date().toISOString();
  try {
    const metrics = createGatewayMetrics({
      process: "work",
      prices: settings.prices,
      limits: settings.observability,
    });
    const tracing = await openProcessTracing("sektor-work", settings, logger, disposal);
    const infer = await startInfer(settings, environment, logger, disposal);
    const database = await openDatabase(settings, logger, disposal);
    const { engine } = openEngineClient(settings, infer, metrics, disposal);
    const domain = openDomain({ settings, engine, logger, disposal, nowMs });
    const { jobs, queues, countJobs } = await openJobs(settings, database, logger, disposal);
    if (queues === undefined) throw new Error("Redis keeps the queue.");
    const requests = openRecords(settings, database, { logger, metrics, disposal });
    const examplesFolder = join(given.storage.folder, "datasets", "routing");
    const feedback = createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID });
    // A job's conversation is its caller's to keep; the turns only want a place for the moment.
    const sessions = disposal.own(createMemorySessionStore(settings.sessions), (opened) =>
      opened[Symbol.asyncDispose](),
    );
    const turns = openTurns({ settings, domain, engine, sessions, metrics, logger, disposal, nowMs, nowIso });
    const handlers = {
      ...platformHandlers(feedback, createDatabaseJobOutputs(database)),
      ...turnHandlers({ settings, turns, engine, database, jobs, requests, metrics, tracing, nowMs, nowIso }),
    };
    const jobMetrics = registerJobMetrics(metrics.registry, countJobs);
    // Jobs are taken when there is somebody to do them.
    await infer?.ready;
    startJobWork(settings, { queues, handlers, metrics: jobMetrics, logger }, disposal);
    const app = disposal.own(buildWorkApp(logger, settings, metrics.registry), (opened) => opened.close());
    return { app, disposal };
  } catch (failure) {
    await disposal.close();
    throw failure;
  }
}

/** @throws {PlatformError} `work_needs_services` */
function requireShared({ jobs, storage }: Settings): void {
  if (jobs.store === "redis" && storage.backend === "postgres") return;
  throw new PlatformError({
    code: "work_needs_services",
    status: 500,
    message:
      "A work process shares its queue and its database with the gateways: it needs jobs.store redis and storage.backend postgres. " +
      "Otherwise serve does the jobs itself.",
    messageTr:
      "work süreci kuyruğu ve veritabanını ağ geçitleriyle paylaşır: jobs.store redis ve storage.backend postgres gerekir. " +
      "Yoksa işleri serve kendisi yapar.",
  });
}
