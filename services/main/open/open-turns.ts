import { randomUUID } from "node:crypto";
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
} from "../../conversation/index.ts";
import type { Disposal } from "../../foundation/index.ts";
import type { Engine, SamplingParameters } from "../../inference/index.ts";
import type { GatewayMetrics, ProcessLogger } from "../../observability/index.ts";
import type { SessionStore } from "../../sessions/index.ts";
import type { Settings } from "../../settings/index.ts";
import { tracedGroundPrompt, traceRouting } from "../observing/trace-turns.ts";
import type { openDomain } from "./open-domain.ts";

export interface OpenTurnsOptions {
  readonly settings: Settings;
  readonly domain: ReturnType<typeof openDomain>;
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
  domain,
  engine,
  sessions,
  metrics,
  logger,
  disposal,
  ...time
}: OpenTurnsOptions) {
  const { nowMs, nowIso } = time;
  const { registry, stable, knowledge, ranker } = domain;
  const { sectors, router } = registry;

  const adapters = createAdapterDirectory(engine, stable, { maxAgeMs: 2000, nowMs });
  const limits = { maxCharacters: settings.http.maxMessageCharacters, maxMessages: settings.http.maxMessages };
  const { temperature, topP, topK, minP, repeatPenalty, maxTokens, historyMessages, historyTokens } = settings.chat;
  const history = { messages: historyMessages, tokens: historyTokens };
  const sampling: SamplingParameters = { temperature, topP, topK, minP, repeatPenalty };
  const onRouted = (routing: TurnRouting, signal: AbortSignal | undefined): void => {
    const { sector, routedBy, ms, confidence, switchedFrom } = routing;
    metrics.routed({
      sector: sector ?? "none",
      routedBy,
      seconds: ms / 1000,
      // Where the caller decided the router was not asked.
      confidence: routedBy === "request" ? undefined : confidence,
      switched: switchedFrom !== undefined,
    });
    traceRouting(routing, signal);
  };
  const { passages, minScore, answers } = settings.knowledge;
  const ungrounded = createGroundPrompt({
    knowledge,
    adapters,
    passages,
    minScore,
    quoting: createQuoting({ ranker, adapters, answers }),
    onSearched: ({ sector, found }) => metrics.knowledgeSearched({ sector: sector ?? "all", found }),
  });
  const groundPrompt = tracedGroundPrompt(ungrounded);
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
