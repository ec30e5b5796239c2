import { EventQueue } from "../foundation/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { Router } from "../routing/index.ts";
import type { Session, SessionStore } from "../sessions/index.ts";
import type { Sectors } from "../settings/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { askEngine } from "./ask-engine.ts";
import { buildMessages, systemPromptOf } from "./build-messages.ts";
import { chooseSector } from "./choose-sector.ts";
import { withCitations } from "./citations.ts";
import type { GroundPrompt } from "./ground-prompt.ts";
import { checkedMessage, type MessageLimits } from "./message-limits.ts";
import { noAnswer, noTimings, noUsage } from "./no-answer.ts";
import { routingConversation } from "./routed-history.ts";
import type { TakeTurn, TurnEvent, TurnOpening, TurnRequest, TurnResult, TurnRouting } from "./turn.ts";

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
  };
  readonly newId: () => string;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
  readonly onRouted: (routing: TurnRouting) => void;
}

/**
 * One utterance and its reply: sector, adapter, knowledge, prompt, reply, memory. Two turns of one session never overlap.
 * A turn that fails or is abandoned leaves the session as it was.
 */
export function createTakeTurn(parts: TakeTurnParts): TakeTurn {
  return async function* takeTurn(request, signal) {
    const message = checkedMessage(request.message, parts.limits);
    const sessionId = request.sessionId ?? parts.newId();
    const events = new EventQueue<TurnEvent>();
    const left = new AbortController();
    const stop = AbortSignal.any([signal, left.signal]);
    const turn = parts.sessions
      .withTurn(
        sessionId,
        () => runTurn(parts, { ...request, message }, sessionId, stop, (event) => events.push(event)),
        stop,
      )
      .then(() => events.end())
      .catch((failure: unknown) => events.fail(failure));
    let ended = false;
    try {
      yield* events;
      ended = true;
    } finally {
      if (!ended) left.abort();
      await turn;
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
  const { opening, systemPrompt } = await openTurn(parts, request, sessionId, session, signal);
  send({ type: "opening", opening });
  const result = await reply(parts, request, session, opening, systemPrompt, signal, send);
  signal.throwIfAborted();
  if (request.forget !== true) await remember(parts, request, result);
  send({ type: "end", result });
}

/** Sector, adapter and what the documents say. */
async function openTurn(
  parts: TakeTurnParts,
  request: TurnRequest,
  sessionId: string,
  session: Session | undefined,
  signal: AbortSignal,
): Promise<{ readonly opening: TurnOpening; readonly systemPrompt: string }> {
  const conversation = session === undefined ? undefined : routingConversation(session.messages);
  const question = { message: request.message, forced: request.sector, conversation, allowed: request.sectors };
  const routing = chooseSector(parts.router, parts.sectors, question, parts.nowMs);
  parts.onRouted(routing);
  const adapter = routing.sector === null ? null : await parts.adapters.forSector(routing.sector);
  const continues = conversation?.sector === routing.sector;
  const previous = continues ? conversation?.utterances?.at(-1) : undefined;
  const grounding = {
    message: request.message,
    previous,
    sector: routing.sector,
    systemPrompt: systemPromptOf(parts.sectors, routing.sector),
    use: request.knowledge ?? "use",
    allowed: request.sectors,
    ...(request.passages === undefined ? {} : { limit: request.passages }),
  };
  const { systemPrompt, found, used } = await parts.groundPrompt(grounding, signal);
  const opening = { sessionId, messageId: parts.newId(), routing, adapter, found, sources: withCitations(used, "") };
  return { opening, systemPrompt };
}

async function reply(
  parts: TakeTurnParts,
  request: TurnRequest,
  session: Session | undefined,
  opening: TurnOpening,
  systemPrompt: string,
  signal: AbortSignal,
  send: (event: TurnEvent) => void,
): Promise<TurnResult> {
  const sendText = (text: string): void => send({ type: "text-delta", text });
  const { defaults } = parts;
  if (request.knowledge === "only" && opening.sources.length === 0) {
    sendText(noAnswer);
    const unasked = { toolCalls: [], finishReason: "stop", usage: noUsage, timings: noTimings } as const;
    return { ...opening, response: noAnswer, ...unasked };
  }
  const past = session?.messages ?? [];
  const { response, end } = await askEngine(
    parts.engine,
    {
      ...(opening.adapter === null ? {} : { adapterId: opening.adapter.id }),
      prompt: { messages: buildMessages(systemPrompt, past, defaults.historyMessages, request.message) },
      maxTokens: request.maxTokens ?? defaults.maxTokens,
      sampling: { ...defaults.sampling, ...request.sampling },
      overflow: "drop-oldest",
    },
    signal,
    sendText,
  );
  const { reason: finishReason, usage, timings } = end;
  const sources = withCitations(opening.sources, response);
  return { ...opening, sources, response, toolCalls: [], finishReason, usage, timings };
}

async function remember(parts: TakeTurnParts, request: TurnRequest, result: TurnResult): Promise<void> {
  const at = parts.nowIso();
  const { sector } = result.routing;
  const adapter = result.adapter?.id ?? null;
  await parts.sessions.append(result.sessionId, {
    sector,
    ...(request.userId === undefined ? {} : { userId: request.userId }),
    ...(request.sessionId === undefined ? { opensSession: true } : {}),
    messages: [
      { id: parts.newId(), role: "user", content: request.message, at },
      { id: result.messageId, role: "assistant", content: result.response, at, sector, adapter },
    ],
  });
}
