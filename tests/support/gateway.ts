import { fileURLToPath } from "node:url";
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
import { buildGatewayApp, type EraseUser } from "../../services/http/index.ts";
import { createGatewayMetrics, createLogger } from "../../services/observability/index.ts";
import type { RequestLog, RequestRow } from "../../services/records/index.ts";
import type { Knowledge } from "../../services/retrieval/index.ts";
import type { Router, SectorRegistry } from "../../services/routing/index.ts";
import { createSectorRegistry } from "../../services/routing/live/sector-registry.ts";
import type { SessionStore } from "../../services/sessions/index.ts";
import { createMemorySessionStore } from "../../services/sessions/memory-session-store.ts";
import { loadSettings, type Sectors } from "../../services/settings/index.ts";
import { createMemorySectorStore } from "./memory-sector-store.ts";
import { type Script, ScriptedEngine } from "./scripted-engine.ts";

export interface GatewayOptions {
  readonly sectors: Sectors;
  readonly router: Router;
  /** Default: one that has exactly these sectors and can train no others. */
  readonly registry?: SectorRegistry;
  readonly knowledge: Knowledge;
  readonly script?: Script;
  /** Default: none is taken, and nobody can be erased. */
  readonly feedback?: FeedbackStore;
  readonly eraseUser?: (sessions: SessionStore) => EraseUser;
  readonly requests?: RequestLog;
  /** As the settings name it; default 2. */
  readonly passages?: number;
  readonly minScore?: number;
  /** Default: keys in memory, none yet. */
  readonly apiKeys?: ApiKeys;
  /** Default: in memory. */
  readonly limiter?: RateLimiter;
  /** A route of the test's own, without a scope. */
  readonly extraRoute?: string;
  /** As `serve` would have it. */
  readonly environment?: Readonly<Record<string, string>>;
}

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
  eraseUser = () => async () => ({ sessions: 0, requests: 0, feedback: 0 }),
  requests,
  apiKeys = createApiKeys({ store: createMemoryApiKeyStore() }),
  limiter = createMemoryRateLimiter(),
  environment = {},
  extraRoute,
}: GatewayOptions) {
  const { sectors, router } = registry;
  const settings = loadSettings("tests/support/no-such-folder", environment);
  const engine = new ScriptedEngine(script);
  const metrics = createGatewayMetrics();
  const sessions = createMemorySessionStore({ ttlS: 3600, maxMessages: 100 });
  const nowMs = () => performance.now();
  const nowIso = () => "2026-01-01T00:00:00.000Z";
  const rows: RequestRow[] = [];
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const adapters = createAdapterDirectory(engine, {}, { maxAgeMs: 0, nowMs });
  const limits = { maxCharacters: 1000, maxMessages: 20 };
  const groundPrompt = createGroundPrompt({
    knowledge,
    adapters,
    passages,
    minScore,
    onSearched: ({ sector, found }) => metrics.knowledgeSearched({ sector: sector ?? "all", found }),
  });
  const common = { router, sectors, adapters, nowMs, onRouted: () => {} };
  const takeTurn = createTakeTurn({
    ...common,
    engine,
    sessions,
    groundPrompt,
    limits,
    newId,
    nowIso,
    defaults: { maxTokens: 50, sampling: {}, historyMessages: 12 },
  });
  const app = await buildGatewayApp({
    ...common,
    settings,
    logger: createLogger("test", "silent"),
    version: "0",
    apiKeys,
    limiter,
    engine,
    registry,
    sessions,
    requests: {
      record: (row) => {
        rows.push(row);
        requests?.record(row);
      },
    },
    feedback,
    eraseUser: eraseUser(sessions),
    feedbackPage: fileURLToPath(new URL("../../web/feedback", import.meta.url)),
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
  });
  if (extraRoute !== undefined) app.get(extraRoute, async () => ({}));
  return { app, engine, sessions, metrics, apiKeys, rows };
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
