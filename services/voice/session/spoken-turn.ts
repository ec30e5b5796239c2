import { type KeepTurn, type TurnRowFacts, turnRow } from "../../conversation/index.ts";
import type { Logger } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import type { RequestLog } from "../../records/index.ts";
import type { AnswerOpening } from "./answer.ts";
import type { VoiceClock } from "./voice-clock.ts";

/** A turn that has ended, as it goes into the conversation and the request log. */
export interface SpokenTurn {
  /** Of its response. */
  readonly id: string;
  readonly message: string;
  readonly opening: AnswerOpening;
  /** What of the reply was heard. */
  readonly heard: string;
  /** The item that `heard` ends with, and what was heard before it; a client may still say that it was less. */
  readonly lastItem: { readonly id: string; readonly before: string } | undefined;
  readonly owner: string | null;
  readonly userId: string | undefined;
  /** The stored conversation it goes on with; undefined: it opens one. */
  readonly sessionId: string | undefined;
  readonly totalMs: number;
  /** From the end of what was asked to the reply's first piece; undefined: none came. */
  readonly firstTextMs: number | undefined;
  /** `ok`, `interrupted`, or the code of the error it ended with. */
  readonly outcome: string;
  readonly answer: Pick<NonNullable<TurnRowFacts["answer"]>, "usage" | "timings"> | undefined;
}

export interface SpokenTurnsParts {
  readonly keepTurn: KeepTurn;
  readonly requests: Pick<RequestLog, "record">;
  readonly clock: VoiceClock;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
  readonly logger: Logger;
  /** The stored conversation holds one more turn. */
  readonly onKept: () => void;
}

/** Brings the session's turns into its stored conversation, in their order. */
export interface SpokenTurns {
  /** Keeps the turn; one that was cut short, a little later, so that the client can say how much of it was really heard. */
  ended(turn: SpokenTurn): void;
  /** What was heard of an item turned out to be another text. Too late is not told. */
  correct(itemId: string, heard: string): void;
  /** The stored conversation; undefined until a turn was kept. */
  readonly sessionId: string | undefined;
  /** Goes on with this one. */
  continue(sessionId: string): void;
  /** Everything that has ended is kept. Never rejects. */
  settled(): Promise<void>;
}

/** A client that stops its playback says so at once. */
const correctionMs = 2000;

export function createSpokenTurns(parts: SpokenTurnsParts): SpokenTurns {
  const { keepTurn, requests, clock, nowIso, logger } = parts;
  let sessionId: string | undefined;
  let open: SpokenTurn | undefined;
  let callOff: (() => void) | undefined;
  let keeping: Promise<void> = Promise.resolve();

  const keep = async (turn: SpokenTurn): Promise<void> => {
    const { opening, message, heard, owner, userId, outcome, answer } = turn;
    const isKept = heard !== "" && message !== "" && (outcome === "ok" || outcome === "interrupted");
    let isStored = false;
    if (isKept) {
      const request = {
        message,
        owner,
        ...(userId === undefined ? {} : { userId }),
        ...(turn.sessionId === undefined ? {} : { sessionId: turn.sessionId }),
      };
      try {
        isStored = await keepTurn(request, { ...opening, response: heard });
        if (isStored) {
          sessionId = opening.sessionId;
          parts.onKept();
        }
      } catch (failure) {
        logger.warn({ code: asPlatformError(failure).code }, "voice-turn-not-kept");
      }
    }
    requests.record(
      turnRow({
        id: turn.id,
        at: nowIso(),
        endpoint: "/v1/realtime",
        sessionId: isStored ? opening.sessionId : null,
        messageId: opening.messageId,
        userId: userId ?? null,
        message: message === "" ? null : message,
        totalMs: turn.totalMs,
        outcome,
        routing: opening.routing,
        adapter: opening.adapter,
        ...(answer === undefined ? {} : { answer: { ...answer, response: heard } }),
      }),
      { firstTextMs: turn.firstTextMs, timings: answer?.timings },
    );
  };
  const settle = (): void => {
    callOff?.();
    callOff = undefined;
    const turn = open;
    open = undefined;
    if (turn !== undefined) keeping = keeping.then(() => keep(turn));
  };

  return {
    get sessionId() {
      return sessionId;
    },
    continue: (id) => {
      sessionId = id;
    },
    ended: (turn) => {
      settle();
      open = turn;
      if (turn.outcome === "interrupted") callOff = clock.after(correctionMs, settle);
      else settle();
    },
    correct: (itemId, heard) => {
      if (open?.lastItem?.id === itemId) open = { ...open, heard: `${open.lastItem.before}${heard}`.trim() };
    },
    settled: () => {
      settle();
      return keeping;
    },
  };
}
