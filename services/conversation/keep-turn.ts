import type { SessionStore, SessionTurn } from "../sessions/index.ts";
import { isUnavailable } from "./in-turn.ts";
import type { TurnRequest, TurnResult } from "./turn.ts";

export interface KeepTurnParts {
  readonly sessions: Pick<SessionStore, "append">;
  readonly newId: () => string;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
  /** Told of each turn that its session has kept. */
  readonly onKept?: (sessionId: string) => void;
}

/** Who said what. */
export type KeptRequest = Pick<TurnRequest, "message" | "sessionId" | "owner" | "userId">;

/** What was answered; `response` may be less than the model wrote, where only that much of it was heard. */
export type KeptReply = Pick<TurnResult, "sessionId" | "messageId" | "routing" | "adapter" | "response">;

/**
 * Both sides of a turn join their session. Only for turns that were taken to be forgotten: the others are kept by the turn itself.
 * @returns false: a new session could not be kept; one that is gone on with must be, or it throws what the session store throws
 */
export type KeepTurn = (request: KeptRequest, reply: KeptReply) => Promise<boolean>;

export function createKeepTurn({ sessions, newId, nowIso, onKept }: KeepTurnParts): KeepTurn {
  return async (request, reply) => {
    const at = nowIso();
    const { sector } = reply.routing;
    const adapter = reply.adapter?.id ?? null;
    const turn: SessionTurn = {
      sector,
      ...(request.owner === undefined ? {} : { owner: request.owner }),
      ...(request.userId === undefined ? {} : { userId: request.userId }),
      ...(request.sessionId === undefined ? { opensSession: true } : {}),
      messages: [
        { id: newId(), role: "user", content: request.message, at },
        { id: reply.messageId, role: "assistant", content: reply.response, at, sector, adapter },
      ],
    };
    try {
      await sessions.append(reply.sessionId, turn);
    } catch (failure) {
      if (request.sessionId !== undefined || !isUnavailable(failure)) throw failure;
      return false;
    }
    onKept?.(reply.sessionId);
    return true;
  };
}
