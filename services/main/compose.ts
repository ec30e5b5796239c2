import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { countedLimiter } from "../access/limits/counted-limiter.ts";
import type { Disposal } from "../foundation/index.ts";
import { buildGatewayApp, refuseOpenBind } from "../http/index.ts";
import { createDatabaseJobOutputs } from "../jobs/database-job-outputs.ts";
import type { JobHandlers } from "../jobs/index.ts";
import {
  createGatewayMetrics,
  type GatewayMetrics,
  type ProcessLogger,
  registerJobMetrics,
  registerVoiceMetrics,
} from "../observability/index.ts";
import { createQueuedServerless } from "../serverless/queued-serverless.ts";
import type { Settings } from "../settings/index.ts";
import type { Database } from "../storage/index.ts";
import { createRecordingEraser } from "../voice/index.ts";
import { createEraseUser } from "./handlers/erase-user.ts";
import { platformHandlers } from "./handlers/job-handlers.ts";
import { startJobWork, worksInServe } from "./handlers/start-job-work.ts";
import { turnHandlers } from "./handlers/turn-handlers.ts";
import { openApiKeys } from "./open/open-api-keys.ts";
import { openBatches } from "./open/open-batches.ts";
import { openDomain } from "./open/open-domain.ts";
import { openEngineClient } from "./open/open-engine-client.ts";
import { openFeedback } from "./open/open-feedback.ts";
import { checkGrpc, openGrpc } from "./open/open-grpc.ts";
import { openJobs } from "./open/open-jobs.ts";
import { registerWatched } from "./open/open-metrics.ts";
import { openProcessTracing } from "./open/open-process-tracing.ts";
import { openRateLimiter } from "./open/open-rate-limiter.ts";
import { openRecords } from "./open/open-records.ts";
import { openSessions } from "./open/open-sessions.ts";
import { openSpeech } from "./open/open-speech.ts";
import { openTurns } from "./open/open-turns.ts";
import { openVoice } from "./open/open-voice.ts";
import type { StartedInfer } from "./supervision/start-infer.ts";

export interface ComposeOptions {
  readonly settings: Settings;
  readonly logger: ProcessLogger;
  /** On its way up, or undefined where the engine is somewhere else. */
  readonly infer: StartedInfer | undefined;
  /** On its way up; the data folder is ours already. */
  readonly opening: Promise<Database>;
  readonly disposal: Disposal;
  /** Default: the settings'. */
  readonly metrics?: GatewayMetrics;
}

/**
 * The gateway's parts list. What is opened is owned on the same line; closing `disposal` is this list backwards, after a failure too.
 * Resolves when the engine serves.
 */
export async function composeGateway({ settings, logger, infer, opening, disposal, ...given }: ComposeOptions) {
  const nowMs = () => performance.now();
  const nowIso = () => new Date().toISOString();
  const { prices, observability: limits } = settings;
  const metrics = given.metrics ?? createGatewayMetrics({ prices, limits });
  const openingTraces = openProcessTracing("sektor", settings, logger, disposal);
  const kept = openKept(settings, opening, { logger, metrics, disposal });
  const { engine, engineMetrics } = openEngineClient(settings, infer, metrics, disposal);
  // Read while the database and the engine come up.
  const domain = openDomain({ settings, engine, logger, disposal, nowMs });
  // Where it need not be looked up, nothing waits for the database.
  const hasKeys = async () => settings.access.keySha256.length > 0 || (await (await kept).apiKeys.areRequired());
  await refuseOpenBind(settings.http.host, hasKeys);
  await checkGrpc(settings, hasKeys);
  const [opened, uncounted] = await Promise.all([kept, openRateLimiter(settings, logger, disposal)]);
  const limiter = countedLimiter(uncounted, metrics.limitRefused);
  const { database, apiKeys, sessions, requests, feedback, jobs, queues, countJobs, jobOutputs } = opened;
  const tracing = await openingTraces;
  const turns = openTurns({
    settings,
    domain,
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
    ...turnHandlers({ settings, turns, engine, database, jobs, requests, metrics, tracing, nowMs, nowIso }),
  };
  const jobMetrics = registerJobMetrics(metrics.registry, countJobs);
  registerWatched(metrics, settings, { engine, stable: domain.stable, restarts: infer?.restarts });
  const voiceMetrics = registerVoiceMetrics(metrics.registry);
  const speech = openSpeech(settings, { logger, metrics: voiceMetrics, disposal });
  const app = await buildGatewayApp({
    ...turns,
    settings,
    logger,
    tracing,
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
    eraseUser: createEraseUser(
      sessions.store,
      requests,
      feedback,
      createRecordingEraser(settings.voice.recordingFolder),
    ),
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
  const talk = { turns, speech, engine, sessions: sessions.store, requests, apiKeys, limiter, tracing, nowIso };
  const voice = await openVoice(app, settings, { ...talk, metrics: voiceMetrics });
  const grpcParts = { turns, engine, sessions, requests, limiter, apiKeys, metrics, tracing, logger, nowMs };
  const grpc = openGrpc(settings, grpcParts, disposal);
  // After the app, so that it ends first: who waits for a job that runs still gets it, and no open reply keeps jobs from being given back.
  if (queues !== undefined && worksInServe(settings))
    startJobWork(settings, { queues, handlers, metrics: jobMetrics, logger }, disposal);
  await infer?.ready;
  return { app, voice, grpc };
}

/** What outlives the process: the database, and what is kept in it. */
async function openKept(
  settings: Settings,
  opening: Promise<Database>,
  surroundings: { logger: ProcessLogger; metrics: GatewayMetrics; disposal: Disposal },
) {
  const { logger, disposal } = surroundings;
  const database = await opening;
  const apiKeys = openApiKeys(settings, database, logger, disposal);
  const sessions = await openSessions(settings, database, logger, disposal);
  const opened = await openJobs(settings, database, logger, disposal);
  return {
    ...opened,
    database,
    jobOutputs: createDatabaseJobOutputs(database),
    apiKeys,
    sessions,
    requests: openRecords(settings, database, surroundings),
    feedback: openFeedback(settings, database, surroundings),
  };
}

function packageVersion(): string {
  return String(readJson(resolve("package.json"))["version"] ?? "0");
}

function readJson(path: string): Record<string, unknown> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
}
