import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  createAdapterDirectory,
  createGroundPrompt,
  createResolveModel,
  createTakeTurn,
  type TurnRouting,
} from "../conversation/index.ts";
import { createHttpEngine } from "../engine-client/index.ts";
import { createDatabaseFeedbackStore } from "../feedback/database-feedback-store.ts";
import { Disposal } from "../foundation/index.ts";
import { buildGatewayApp, refuseOpenBind } from "../http/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import { createGatewayMetrics, type GatewayMetrics, type ProcessLogger } from "../observability/index.ts";
import { loadWeights } from "../routing/index.ts";
import { loadSectors, loadStableAdapters, type Settings } from "../settings/index.ts";
import { engineMetricsText } from "./engine-metrics-text.ts";
import { createEraseUser } from "./erase-user.ts";
import { loadSectorAdapters } from "./load-sector-adapters.ts";
import { openApiKeys } from "./open-api-keys.ts";
import { openDatabase } from "./open-database.ts";
import { openKnowledge } from "./open-knowledge.ts";
import { openRateLimiter } from "./open-rate-limiter.ts";
import { openRecords } from "./open-records.ts";
import { openSectorRegistry } from "./open-sector-registry.ts";
import { openSessions } from "./open-sessions.ts";
import { superviseInfer } from "./supervise-infer.ts";

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
    const builtIn = loadSectors(resolve("configs/sectors.yaml"));
    const stable = loadStableAdapters(resolve("configs/adapters.yaml"), builtIn);
    const shipped = loadWeights(resolve(settings.routing.weightsFolder));
    const metrics = createGatewayMetrics();
    const kept = openKept(settings, { logger, metrics, disposal });
    // Refused before the engine starts; where it need not be looked up, nothing waits for the database.
    const hasKeys = async () => settings.access.keySha256.length > 0 || (await (await kept).apiKeys.areRequired());
    await refuseOpenBind(settings.http.host, hasKeys);
    // The engine and the database take the longest; they come up side by side.
    const [{ engine, engineMetrics }, { apiKeys, sessions, requests, feedback }, limiter] = await Promise.all([
      openEngineClient(settings, environment, logger, disposal),
      kept,
      openRateLimiter(settings, logger, disposal),
    ]);
    // After the database: it makes sure that the data folder is this process's alone.
    const adapterFolder = resolve(settings.model.adapterFolder);
    const onLive = (id: string) => void loadSectorAdapters(engine, adapterFolder, id, logger);
    const registry = disposal.own(
      openSectorRegistry({ settings, builtIn, shipped, nowMs, onLive, log: logger }),
      (opened) => opened[Symbol.asyncDispose](),
    );
    const { sectors, router } = registry;

    const adapters = createAdapterDirectory(engine, stable, { maxAgeMs: 2000, nowMs });
    const limits = { maxCharacters: settings.http.maxMessageCharacters, maxMessages: settings.http.maxMessages };
    const { temperature, topP, topK, minP, repeatPenalty, maxTokens, historyMessages } = settings.chat;
    const sampling: SamplingParameters = { temperature, topP, topK, minP, repeatPenalty };
    const onRouted = ({ sector, routedBy, ms }: TurnRouting): void =>
      metrics.routed({ sector: sector ?? "none", routedBy, seconds: ms / 1000 });
    const groundPrompt = createGroundPrompt({
      knowledge: openKnowledge(settings.knowledge.folder, sectors, logger),
      adapters,
      passages: settings.knowledge.passages,
      minScore: settings.knowledge.minScore,
      onSearched: ({ sector, found }) => metrics.knowledgeSearched({ sector: sector ?? "all", found }),
    });
    const takeTurn = createTakeTurn({
      router,
      sectors,
      engine,
      adapters,
      limits,
      nowMs,
      nowIso,
      onRouted,
      groundPrompt,
      sessions: sessions.store,
      newId: randomUUID,
      defaults: { maxTokens, sampling, historyMessages },
    });
    const app = await buildGatewayApp({
      settings,
      logger,
      version: packageVersion(),
      apiKeys,
      limiter,
      engine,
      router,
      sectors,
      registry,
      adapters,
      takeTurn,
      groundPrompt,
      limits,
      sampling,
      metrics,
      nowMs,
      nowIso,
      sessions: sessions.store,
      requests,
      feedback,
      eraseUser: createEraseUser(sessions.store, requests, feedback),
      feedbackPage: resolve("web/feedback"),
      arePartsReady: sessions.isReady,
      resolveModel: createResolveModel({ router, sectors, adapters, nowMs, onRouted }),
      engineMetrics,
      modelConfig: readJson(resolve("configs/model_config.json")),
      startPage: {
        folder: resolve("web/start"),
        errorsDocument: resolve("docs/errors.md"),
      },
      newId: randomUUID,
    });
    disposal.own(app, (opened) => opened.close());
    return { app, disposal };
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
  const examplesFolder = join(settings.storage.folder, "datasets", "routing");
  return {
    apiKeys,
    sessions,
    requests: openRecords(settings, database, surroundings),
    feedback: createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID }),
  };
}

/** An engine over HTTP: our own child on a unix socket, or a server somewhere else. */
async function openEngineClient(
  settings: Settings,
  environment: ComposeOptions["environment"],
  log: ProcessLogger,
  disposal: Disposal,
): Promise<{ engine: Engine; engineMetrics: () => Promise<string> }> {
  const { engine: kind, url, token, startTimeoutMs } = settings.inference;
  if (kind !== "embedded") {
    const engine = disposal.own(createHttpEngine({ dialect: kind, url, token }), (opened) =>
      opened[Symbol.asyncDispose](),
    );
    return { engine, engineMetrics: async () => "" };
  }
  // Socket paths have a length limit of about 100 bytes, so the folder is short and not under the data folder.
  const folder = disposal.own(await mkdtemp(join(tmpdir(), "sektor-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const socketPath = join(folder, "infer.sock");
  disposal.own(await superviseInfer({ socketPath, environment, startTimeoutMs, log }), (supervisor) =>
    supervisor.close(),
  );
  const engine = disposal.own(createHttpEngine({ dialect: "sektor", socketPath }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  return { engine, engineMetrics: () => engineMetricsText(socketPath) };
}

function packageVersion(): string {
  return String(readJson(resolve("package.json"))["version"] ?? "0");
}

function readJson(path: string): Record<string, unknown> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
}
