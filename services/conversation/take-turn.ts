import { carrySpan, EventQueue, spanOf } from "../foundation/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { Router } from "../routing/index.ts";
import { assertOwnSession, type Session, type SessionStore } from "../sessions/index.ts";
import type { Sectors } from "../settings/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { askEngine } from "./ask-engine.ts";
import { buildMessages, systemPromptOf } from "./build-messages.ts";
import { chooseSector } from "./choose-sector.ts";
import { withCitations } from "./citations.ts";
import type { Grounding, GroundPrompt } from "./ground-prompt.ts";
import { inTurn } from "./in-turn.ts";
import { createKeepTurn } from "./keep-turn.ts";
import { checkedMessage, checkHistory, type MessageLimits } from "./message-limits.ts";
import { noAnswer, noTimings, noUsage } from "./no-answer.ts";
import { recentHistory } from "./recent-history.ts";
import { routedUtterances, routingConversation } from "./routed-history.ts";
import { withSummary } from "./session-summary.ts";
import type { PastUtterance, TakeTurn, TurnEvent, TurnOpening, TurnRequest, TurnResult, TurnRouting } from "./turn.ts";

export interface TakeTurnParts {
  readonly router: Router;
  readonly sectors: Sectors;
  readonly engine: Engine;
  readonly adapters: AdapterDirectory;
  readonly sessions: SessionStore;
  readonly groundPrompt: GroundPrompt;
  readonly limits: MessageLimits;
  readonly defaults: {
    readonly maxTokens: number;
    readonly sampling: SamplingParameters;
    readonly historyMessages: number;
    /** See HistoryLimits. */
    readonly historyTokens: number;
  };
  readonly newId: () => string;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
  /** @param signal the turn's, which carries its trace */
  readonly onRouted: (routing: TurnRouting, signal: AbortSignal) => void;
  /** Told of each turn that its session has kept. */
  readonly onKept?: (sessionId: string) => void;
}

/**
 * One utterance and its reply: sector, adapter, knowledge, prompt, reply, memory. Two turns of one session never overlap.
 * A turn that fails or is abandoned leaves the session as it was. While sessions are out of reach, turns that name none go on.
 */
export function createTakeTurn(parts: TakeTurnParts): TakeTurn {
  return async function* takeTurn(request, signal) {
    const message = checkedMessage(request.message, parts.limits);
    checkHistory(request.history ?? [], parts.limits);
    const sessionId = request.sessionId ?? parts.newId();
    const events = new EventQueue<TurnEvent>();
    // By hand: AbortSignal.any costs several times as much, at every turn.
    const stopping = new AbortController();
    carrySpan(spanOf(signal), stopping.signal);
    const stop = (): void => stopping.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const send = (event: TurnEvent): void => events.push(event);
    const work = () => runTurn(parts, { ...request, message }, sessionId, stopping.signal, send);
    const turn = inTurn(parts.sessions, request, sessionId, work, stopping.signal)
      .then(() => events.end())
      .catch((failure: unknown) => events.fail(failure));
    let ended = false;
    try {
      yield* events;
      ended = true;
    } finally {
      if (!ended) stopping.abort();
      await turn;
      signal.removeEventListener("abort", stop);
    }
  };
}

async function runTurn(
  parts: TakeTurnParts,
  request: TurnRequest,
  sessionId: string,
  signal: AbortSignal,
  send: (event: TurnEvent) => void,
): Promise<void> {
  // A session that is opened here cannot have been kept before.
  const session = request.sessionId === undefined ? undefined : await parts.sessions.load(sessionId);
  assertOwnSession(session, request.owner);
  const { opening, grounding } = await openTurn(parts, request, sessionId, session, signal);
  send({ type: "opening", opening });
  const result = await reply(parts, request, session, opening, grounding, signal, send);
  signal.throwIfAborted();
  const kept = request.forget !== true && (await createKeepTurn(parts)(request, result));
  send({ type: "end", result: { ...result, kept } });
}

/** Sector, adapter and what the documents say. */
async function openTurn(
  parts: TakeTurnParts,
  request: TurnRequest,
  sessionId: string,
  session: Session | undefined,
  signal: AbortSignal,
): Promise<{ readonly opening: TurnOpening; readonly grounding: Grounding }> {
  const conversation =
    session === undefined
      ? routedUtterances(parts.router, utterancesOf(request.history ?? []))
      : routingConversation(session.messages);
  const question = { message: request.message, forced: request.sector, conversation, allowed: request.sectors };
  const routing = chooseSector(parts.router, parts.sectors, question, parts.nowMs);
  parts.onRouted(routing, signal);
  const adapter = routing.sector === null ? null : await parts.adapters.forSector(routing.sector);
  const continues = conversation?.sector === routing.sector;
  const previous = continues ? conversation?.utterances?.at(-1) : undefined;
  const asked = {
    message: request.message,
    previous,
    sector: routing.sector,
    systemPrompt: request.systemPrompt ?? systemPromptOf(parts.sectors, routing.sector),
    use: request.knowledge ?? "use",
    allowed: request.sectors,
    ...(request.passages === undefined ? {} : { limit: request.passages }),
  };
  const grounding = await parts.groundPrompt(asked, signal);
  const { found, used } = grounding;
  const opening = { sessionId, messageId: parts.newId(), routing, adapter, found, sources: withCitations(used, "") };
  return { opening, grounding };
}

async function reply(
  parts: TakeTurnParts,
  request: TurnRequest,
  session: Session | undefined,
  opening: TurnOpening,
  { systemPrompt, quotes }: Grounding,
  signal: AbortSignal,
  send: (event: TurnEvent) => void,
): Promise<Omit<TurnResult, "kept">> {
  const sendText = (text: string): void => send({ type: "text-delta", text });
  const { defaults } = parts;
  if (request.knowledge === "only" && opening.sources.length === 0) {
    sendText(noAnswer);
    const unasked = { toolCalls: [], finishReason: "stop", usage: noUsage, timings: noTimings } as const;
    return { ...opening, response: noAnswer, ...unasked };
  }
  const past = session?.messages ?? request.history ?? [];
  const shown = recentHistory(past, { messages: defaults.historyMessages, tokens: defaults.historyTokens });
  const system = withSummary(systemPrompt, session?.summary, shown);
  const { response, end } = await askEngine(
    parts.engine,
    {
      ...(opening.adapter === null ? {} : { adapterId: opening.adapter.id }),
      prompt: { messages: buildMessages(system, shown, request.message) },
      maxTokens: request.maxTokens ?? defaults.maxTokens,
      sampling: { ...defaults.sampling, ...request.sampling },
      overflow: "drop-oldest",
      ...(quotes.length === 0 ? {} : { responseFormat: { type: "choice", choices: quotes } }),
    },
    signal,
    sendText,
  );
  const { reason: finishReason, usage, timings } = end;
  const sources = withCitations(opening.sources, response);
  return { ...opening, sources, response, toolCalls: [], finishReason, usage, timings };
}

function utterancesOf(history: readonly PastUtterance[]): readonly string[] {
  return history.filter(({ role }) => role === "user").map(({ content }) => content.normalize("NFC"));
}
