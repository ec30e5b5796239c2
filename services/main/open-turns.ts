import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import {
  createAdapterDirectory,
  createGroundPrompt,
  createKeepTurn,
  createQuoting,
  createResolveModel,
  createSummaries,
  createTakeTurn,
  type SummaryParts,
  type TurnRouting,
} from "../conversation/index.ts";
import type { Disposal } from "../foundation/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { GatewayMetrics, ProcessLogger } from "../observability/index.ts";
import { loadWeights } from "../routing/index.ts";
import type { SessionStore } from "../sessions/index.ts";
import { loadSectors, loadStableAdapters, type Settings } from "../settings/index.ts";
import { loadSectorAdapters } from "./load-sector-adapters.ts";
import { openKnowledge } from "./open-knowledge.ts";
import { openSectorRegistry } from "./open-sector-registry.ts";

/** The sectors, their adapters and the router as they are shipped; read before anything slow begins, so that a fault is told at once. */
export function loadShipped({ routing }: Pick<Settings, "routing">) {
  const builtIn = loadSectors(resolve("configs/sectors.yaml"));
  const stable = loadStableAdapters(resolve("configs/adapters.yaml"), builtIn);
  return { builtIn, stable, weights: loadWeights(resolve(routing.weightsFolder)) };
}

export interface OpenTurnsOptions {
  readonly settings: Settings;
  readonly shipped: ReturnType<typeof loadShipped>;
  readonly engine: Engine;
  readonly sessions: SessionStore;
  readonly metrics: GatewayMetrics;
  readonly logger: ProcessLogger;
  readonly disposal: Disposal;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
}

/** Everything that makes a reply out of an utterance, whatever way it comes in. */
export function openTurns({
  settings,
  shipped,
  engine,
  sessions,
  metrics,
  logger,
  disposal,
  ...time
}: OpenTurnsOptions) {
  const { nowMs, nowIso } = time;
  const adapterFolder = resolve(settings.model.adapterFolder);
  const onLive = (id: string) => void loadSectorAdapters(engine, adapterFolder, id, logger);
  const { builtIn, stable, weights } = shipped;
  const registry = disposal.own(
    openSectorRegistry({ settings, builtIn, shipped: weights, nowMs, onLive, log: logger }),
    (opened) => opened[Symbol.asyncDispose](),
  );
  const { sectors, router } = registry;

  const adapters = createAdapterDirectory(engine, stable, { maxAgeMs: 2000, nowMs });
  const limits = { maxCharacters: settings.http.maxMessageCharacters, maxMessages: settings.http.maxMessages };
  const { temperature, topP, topK, minP, repeatPenalty, maxTokens, historyMessages, historyTokens } = settings.chat;
  const history = { messages: historyMessages, tokens: historyTokens };
  const sampling: SamplingParameters = { temperature, topP, topK, minP, repeatPenalty };
  const onRouted = ({ sector, routedBy, ms }: TurnRouting): void =>
    metrics.routed({ sector: sector ?? "none", routedBy, seconds: ms / 1000 });
  const { folder, passages, minScore, answers } = settings.knowledge;
  const { knowledge, ranker } = openKnowledge(folder, sectors, weights.stems, logger);
  const groundPrompt = createGroundPrompt({
    knowledge,
    adapters,
    passages,
    minScore,
    quoting: createQuoting({ ranker, adapters, answers }),
    onSearched: ({ sector, found }) => metrics.knowledgeSearched({ sector: sector ?? "all", found }),
  });
  const onKept = openSummaries(settings, { engine, sessions, history, logger }, disposal);
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
    sessions,
    newId: randomUUID,
    onKept,
    defaults: { maxTokens, sampling, historyMessages, historyTokens },
  });
  const resolveModel = createResolveModel({ router, sectors, adapters, nowMs, onRouted });
  return {
    registry,
    sectors,
    router,
    adapters,
    limits,
    sampling,
    history,
    onKept,
    groundPrompt,
    takeTurn,
    keepTurn: createKeepTurn({ sessions, newId: randomUUID, nowIso, onKept }),
    resolveModel,
  };
}

/** Summaries where the settings want them. @returns what is to be told of each turn that was kept */
function openSummaries(
  { chat }: Pick<Settings, "chat">,
  parts: SummaryParts,
  disposal: Disposal,
): (sessionId: string) => void {
  if (!chat.historySummary) return () => {};
  const summaries = disposal.own(createSummaries(parts), (opened) => opened[Symbol.asyncDispose]());
  return (sessionId) => summaries.afterTurn(sessionId);
}
