import { EventQueue } from "../foundation/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { Router } from "../routing/index.ts";
import type { Session, SessionStore } from "../sessions/index.ts";
import type { Sectors } from "../settings/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { buildMessages, systemPromptOf } from "./build-messages.ts";
import { chooseSector } from "./choose-sector.ts";
import { checkedMessage, type MessageLimits } from "./message-limits.ts";
import { routingConversation } from "./routed-history.ts";
import type { TakeTurn, TurnEvent, TurnOpening, TurnRequest, TurnResult, TurnRouting } from "./turn.ts";

export interface TakeTurnParts {
  readonly router: Router;
  readonly sectors: Sectors;
  readonly engine: Engine;
  readonly adapters: AdapterDirectory;
  readonly sessions: SessionStore;
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
 * One utterance and its reply: sector, adapter, prompt, reply, memory. Two turns of one session never overlap.
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
  const opening = await openTurn(parts, request, sessionId, session);
  send({ type: "opening", opening });
  const result = await reply(parts, request, session, opening, signal, send);
  signal.throwIfAborted();
  await remember(parts, request, result);
  send({ type: "end", result });
}

/** Sector and adapter. */
async function openTurn(
  parts: TakeTurnParts,
  request: TurnRequest,
  sessionId: string,
  session: Session | undefined,
): Promise<TurnOpening> {
  const conversation = session === undefined ? undefined : routingConversation(session.messages);
  const question = { message: request.message, forced: request.sector, conversation };
  const routing = chooseSector(parts.router, parts.sectors, question, parts.nowMs);
  parts.onRouted(routing);
  const adapter = routing.sector === null ? null : await parts.adapters.forSector(routing.sector);
  return { sessionId, messageId: parts.newId(), routing, adapter };
}

async function reply(
  parts: TakeTurnParts,
  request: TurnRequest,
  session: Session | undefined,
  opening: TurnOpening,
  signal: AbortSignal,
  send: (event: TurnEvent) => void,
): Promise<TurnResult> {
  const systemPrompt = systemPromptOf(parts.sectors, opening.routing.sector);
  const messages = buildMessages(
    systemPrompt,
    session?.messages ?? [],
    parts.defaults.historyMessages,
    request.message,
  );
  let response = "";
  const events = parts.engine.generate(
    {
      ...(opening.adapter === null ? {} : { adapterId: opening.adapter.id }),
      prompt: { messages },
      maxTokens: request.maxTokens ?? parts.defaults.maxTokens,
      sampling: { ...parts.defaults.sampling, ...request.sampling },
      overflow: "drop-oldest",
    },
    signal,
  );
  for await (const event of events) {
    if (event.type === "text-delta") {
      response += event.text;
      send({ type: "text-delta", text: event.text });
    } else if (event.type === "end") {
      return {
        ...opening,
        response,
        toolCalls: [],
        finishReason: event.reason,
        usage: event.usage,
        timings: event.timings,
      };
    }
  }
  throw new Error("The engine ended a reply without saying how.");
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
