import { fileURLToPath } from "node:url";
import type { FastifyBaseLogger } from "fastify";
import type { ApiKeys, RateLimiter } from "../../services/access/index.ts";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createMemoryRateLimiter } from "../../services/access/limits/memory-rate-limiter.ts";
import { createMemoryApiKeyStore } from "../../services/access/memory-api-key-store.ts";
import {
  createAdapterDirectory,
  createGroundPrompt,
  createResolveModel,
  createTakeTurn,
} from "../../services/conversation/index.ts";
import type { FeedbackStore } from "../../services/feedback/index.ts";
import type { GatewayParts } from "../../services/http/gateway-parts.ts";
import { buildGatewayApp, type EraseUser } from "../../services/http/index.ts";
import type { Engine } from "../../services/inference/index.ts";
import type { JobOutputs, Jobs } from "../../services/jobs/index.ts";
import { createNoJobs } from "../../services/jobs/no-jobs.ts";
import { countedTurns } from "../../services/main/observing/counted-turns.ts";
import { tracedGroundPrompt, traceRouting } from "../../services/main/observing/trace-turns.ts";
import { createGatewayMetrics, createLogger, type Tracing } from "../../services/observability/index.ts";
import type { RequestLog, RequestRow } from "../../services/records/index.ts";
import type { Knowledge } from "../../services/retrieval/index.ts";
import type { Router, SectorRegistry } from "../../services/routing/index.ts";
import { createSectorRegistry } from "../../services/routing/live/sector-registry.ts";
import type { SessionStore } from "../../services/sessions/index.ts";
import { createMemorySessionStore } from "../../services/sessions/memory-session-store.ts";
import { loadSettings, type Sectors } from "../../services/settings/index.ts";
import { createMemorySectorStore } from "./memory-sector-store.ts";
import { type Script, ScriptedEngine } from "./scripted-engine.ts";
import { scriptedRecognizer, scriptedSynthesizer, scriptedVoiceActivity } from "./speech.ts";

export interface GatewayOptions {
  readonly sectors: Sectors;
  readonly router: Router;
  /** Default: one that has exactly these sectors and can train no others. */
  readonly registry?: SectorRegistry;
  readonly knowledge: Knowledge;
  readonly script?: Script;
  /** What answers instead of the script; the scripted engine is asked nothing then. */
  readonly answeredBy?: Engine;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing;
  /** Default: none is taken, and nobody can be erased. */
  readonly feedback?: FeedbackStore;
  /** Default: there is no queue. */
  readonly jobs?: Jobs;
  readonly jobOutputs?: JobOutputs;
  readonly eraseUser?: (sessions: SessionStore) => EraseUser;
  readonly requests?: RequestLog;
  /** What works behind a queue, made of the gateway's own parts. Default: no job, file or batch is taken. */
  readonly queued?: (parts: QueuedFrom) => QueuedParts;
  /** As the settings name it; default 2. */
  readonly passages?: number;
  readonly minScore?: number;
  /** Default: keys in memory, none yet. */
  readonly apiKeys?: ApiKeys;
  /** Default: in memory. */
  readonly limiter?: RateLimiter;
  /** Default: scripted ones that hear "merhaba" and hum. */
  readonly speech?: GatewayParts["speech"];
  /** Default: in memory. */
  readonly sessions?: SessionStore;
  /** Default: `id-1`, `id-2`…, so several gateways on one store need another. */
  readonly newId?: () => string;
  /** Told of turns that sessions have kept. */
  readonly onKept?: (sessionId: string) => void;
  /** A route of the test's own, without a scope. */
  readonly extraRoute?: string;
  /** Default: silent. */
  readonly logger?: FastifyBaseLogger;
  /** As `serve` would have it. */
  readonly environment?: Readonly<Record<string, string>>;
}

export type QueuedParts = Pick<GatewayParts, "serverless" | "files" | "batches">;
export type QueuedFrom = Omit<GatewayParts, keyof QueuedParts>;

const absent: object = {};

/** The whole gateway in this process, over a scripted engine and sessions in memory; asked with `app.inject`. */
export async function buildTestGateway({
  sectors: builtIn,
  router: shipped,
  registry = fixedRegistry(builtIn, shipped),
  knowledge,
  script = {},
  passages = 2,
  minScore = 0.18,
  feedback = absent as FeedbackStore,
  jobs = createNoJobs(),
  jobOutputs = absent as JobOutputs,
  eraseUser = () => async () => ({ sessions: 0, requests: 0, feedback: 0, recordings: 0 }),
  requests,
  queued = () => absent as QueuedParts,
  apiKeys = createApiKeys({ store: createMemoryApiKeyStore() }),
  limiter = createMemoryRateLimiter(),
  speech = {
    recognizer: scriptedRecognizer(),
    synthesizer: scriptedSynthesizer(),
    voiceActivity: scriptedVoiceActivity(),
  },
  environment = {},
  sessions = createMemorySessionStore({ ttlS: 3600, maxMessages: 100 }),
  newId = countingIds(),
  logger = createLogger("test", "silent"),
  onKept = () => {},
  answeredBy,
  tracing,
  extraRoute,
}: GatewayOptions) {
  const { sectors, router } = registry;
  const settings = loadSettings("tests/support/no-such-folder", environment);
  const engine = new ScriptedEngine(script);
  const metrics = createGatewayMetrics();
  const nowMs = () => performance.now();
  const nowIso = () => "2026-01-01T00:00:00.000Z";
  const rows: RequestRow[] = [];
  const answering = answeredBy ?? engine;
  const adapters = createAdapterDirectory(answering, {}, { maxAgeMs: 0, nowMs });
  const limits = { maxCharacters: 1000, maxMessages: 20 };
  const history = { messages: 12, tokens: 0 };
  const ungrounded = createGroundPrompt({
    knowledge,
    adapters,
    passages,
    minScore,
    onSearched: ({ sector, found }) => metrics.knowledgeSearched({ sector: sector ?? "all", found }),
  });
  const common = { router, sectors, adapters, nowMs, onRouted: traceRouting };
  const groundPrompt = tracedGroundPrompt(ungrounded);
  const takeTurn = createTakeTurn({
    ...common,
    engine: answering,
    sessions,
    groundPrompt,
    limits,
    newId,
    nowIso,
    onKept,
    defaults: { maxTokens: 50, sampling: {}, historyMessages: history.messages, historyTokens: history.tokens },
  });
  const parts: QueuedFrom = {
    ...common,
    settings,
    logger,
    tracing,
    version: "0",
    apiKeys,
    limiter,
    speech,
    engine: answering,
    registry,
    sessions,
    history,
    onKept,
    requests: countedTurns(
      {
        record: (row, moment) => {
          rows.push(row);
          requests?.record(row, moment);
        },
      },
      metrics,
    ),
    feedback,
    eraseUser: eraseUser(sessions),
    feedbackPage: fileURLToPath(new URL("../../web/feedback", import.meta.url)),
    jobs,
    jobOutputs,
    jobsPage: fileURLToPath(new URL("../../web/jobs", import.meta.url)),
    voicePage: fileURLToPath(new URL("../../web/voice", import.meta.url)),
    takeTurn,
    groundPrompt,
    resolveModel: createResolveModel(common),
    limits,
    sampling: {},
    metrics,
    engineMetrics: async () => "",
    arePartsReady: async () => true,
    modelConfig: {},
    startPage: {
      folder: fileURLToPath(new URL("../../web/start", import.meta.url)),
      errorsDocument: fileURLToPath(new URL("../../docs/errors.md", import.meta.url)),
    },
    newId,
    nowIso,
  };
  const app = await buildGatewayApp({ ...parts, ...queued(parts) });
  if (extraRoute !== undefined) app.get(extraRoute, async () => ({}));
  const voice = { settings, limiter, sectors, resolveModel: parts.resolveModel };
  const grpc = {
    takeTurn,
    requests: parts.requests,
    limiter,
    apiKeys,
    metrics,
    settings,
    logger,
    tracing,
    newId,
    nowMs,
  };
  return { app, engine, sessions, metrics, apiKeys, rows, voice, grpc };
}

function countingIds(): () => string {
  let ids = 0;
  return () => `id-${++ids}`;
}

function fixedRegistry(builtIn: Sectors, shipped: Router): SectorRegistry {
  return createSectorRegistry({
    builtIn,
    shipped,
    shippedKey: "",
    store: createMemorySectorStore(),
    refit: () => Promise.reject(new Error("This gateway trains nothing.")),
    openRouter: () => shipped,
    nowMs: () => 0,
    log: createLogger("test", "silent"),
  });
}
