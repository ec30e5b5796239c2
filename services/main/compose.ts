import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createDatabaseFeedbackStore } from "../feedback/database-feedback-store.ts";
import { Disposal } from "../foundation/index.ts";
import { buildGatewayApp, refuseOpenBind } from "../http/index.ts";
import { createDatabaseJobOutputs } from "../jobs/database-job-outputs.ts";
import type { JobHandlers } from "../jobs/index.ts";
import {
  createGatewayMetrics,
  type GatewayMetrics,
  type ProcessLogger,
  registerJobMetrics,
} from "../observability/index.ts";
import { createQueuedServerless } from "../serverless/queued-serverless.ts";
import type { Settings } from "../settings/index.ts";
import { createEraseUser } from "./erase-user.ts";
import { platformHandlers } from "./job-handlers.ts";
import { openApiKeys } from "./open-api-keys.ts";
import { openBatches } from "./open-batches.ts";
import { openDatabase } from "./open-database.ts";
import { openEngineClient } from "./open-engine-client.ts";
import { checkGrpc, openGrpc } from "./open-grpc.ts";
import { openJobs } from "./open-jobs.ts";
import { openRateLimiter } from "./open-rate-limiter.ts";
import { openRecords } from "./open-records.ts";
import { openSessions } from "./open-sessions.ts";
import { openSpeech } from "./open-speech.ts";
import { loadShipped, openTurns } from "./open-turns.ts";
import { openVoice } from "./open-voice.ts";
import { startJobWork, worksInServe } from "./start-job-work.ts";
import { turnHandlers } from "./turn-handlers.ts";

export interface ComposeOptions {
  readonly settings: Settings;
  readonly logger: ProcessLogger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly shutdown: AbortSignal;
}

/** The gateway's parts list. What is opened is owned on the same line; closing is this list backwards. */
export async function composeGateway({ settings, logger, environment }: ComposeOptions) {
  const disposal = new Disposal();
  const nowMs = () => performance.now();
  const nowIso = () => new Date().toISOString();
  try {
    const shipped = loadShipped(settings);
    const metrics = createGatewayMetrics();
    const kept = openKept(settings, { logger, metrics, disposal });
    // Refused before the engine starts; where it need not be looked up, nothing waits for the database.
    const hasKeys = async () => settings.access.keySha256.length > 0 || (await (await kept).apiKeys.areRequired());
    await refuseOpenBind(settings.http.host, hasKeys);
    await checkGrpc(settings, hasKeys);
    // The engine and the database take the longest; they come up side by side.
    const [{ engine, engineMetrics }, opened, limiter] = await Promise.all([
      openEngineClient(settings, environment, logger, disposal),
      kept,
      openRateLimiter(settings, logger, disposal),
    ]);
    const { database, apiKeys, sessions, requests, feedback, jobs, queues, countJobs, jobOutputs } = opened;
    // After the database: it makes sure that the data folder is this process's alone.
    const turns = openTurns({
      settings,
      shipped,
      engine,
      sessions: sessions.store,
      metrics,
      logger,
      disposal,
      nowMs,
      nowIso,
    });
    const handlers: JobHandlers = {
      ...platformHandlers(feedback, jobOutputs),
      ...turnHandlers({ settings, turns, engine, database, jobs, requests, metrics, nowMs, nowIso }),
    };
    const jobMetrics = registerJobMetrics(metrics.registry, countJobs);
    const speech = openSpeech(settings, logger, disposal);
    const app = await buildGatewayApp({
      ...turns,
      settings,
      logger,
      version: packageVersion(),
      apiKeys,
      limiter,
      engine,
      metrics,
      nowMs,
      nowIso,
      sessions: sessions.store,
      requests,
      feedback,
      eraseUser: createEraseUser(sessions.store, requests, feedback),
      feedbackPage: resolve("web/feedback"),
      serverless: createQueuedServerless({
        jobs,
        settings: settings.serverless,
        limits: turns.limits,
        engineStatus: () => turns.adapters.status(),
        newId: randomUUID,
        nowMs: Date.now,
      }),
      ...openBatches(settings, { database, jobs, logger }, disposal),
      jobs,
      jobOutputs,
      jobsPage: resolve("web/jobs"),
      voicePage: resolve("web/voice"),
      speech,
      arePartsReady: sessions.isReady,
      engineMetrics,
      modelConfig: readJson(resolve("configs/model_config.json")),
      startPage: {
        folder: resolve("web/start"),
        errorsDocument: resolve("docs/errors.md"),
      },
      newId: randomUUID,
    });
    disposal.own(app, (opened) => opened.close());
    const voiceParts = { turns, speech, engine, sessions: sessions.store, requests, limiter, metrics, nowIso };
    const voice = await openVoice(app, settings, voiceParts);
    const grpcParts = { turns, engine, sessions, requests, limiter, apiKeys, metrics, logger, nowMs };
    const grpc = openGrpc(settings, grpcParts, disposal);
    // After the app, so that it ends first: who waits for a job that runs still gets it, and no open reply keeps jobs from being given back.
    if (queues !== undefined && worksInServe(settings))
      startJobWork(settings, { queues, handlers, metrics: jobMetrics, logger }, disposal);
    return { app, voice, grpc, disposal };
  } catch (failure) {
    await disposal.close();
    throw failure;
  }
}

/** What outlives the process: the database, and what is kept in it. */
async function openKept(
  settings: Settings,
  surroundings: { logger: ProcessLogger; metrics: GatewayMetrics; disposal: Disposal },
) {
  const { logger, disposal } = surroundings;
  const database = await openDatabase(settings, logger, disposal);
  const apiKeys = openApiKeys(settings, database, logger, disposal);
  const sessions = await openSessions(settings, database, logger, disposal);
  const opened = await openJobs(settings, database, logger, disposal);
  const examplesFolder = join(settings.storage.folder, "datasets", "routing");
  return {
    ...opened,
    database,
    jobOutputs: createDatabaseJobOutputs(database),
    apiKeys,
    sessions,
    requests: openRecords(settings, database, surroundings),
    feedback: createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID }),
  };
}

function packageVersion(): string {
  return String(readJson(resolve("package.json"))["version"] ?? "0");
}

function readJson(path: string): Record<string, unknown> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
}
