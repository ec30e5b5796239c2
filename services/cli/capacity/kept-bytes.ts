/**
 * What one row takes with its indexes, bytes, beside the text in it. Measured with Postgres 15 and Redis 7 on rows as the platform writes them;
 * tests/services/kept-bytes.test.ts measures again and compares.
 */
export const rowBytes = {
  /** One a turn, in `requests`, without what was said. */
  request: 555,
  /** One feedback, without its comment. */
  feedback: 700,
  /** A conversation in Postgres, and each message in it. */
  postgresSession: 255,
  postgresMessage: 343,
  /** A conversation in Redis, and each message in it. */
  redisSession: 705,
  redisMessage: 157,
} as const;

export interface Habits {
  readonly turnsPerDay: number;
  readonly turnsPerSession: number;
  /** UTF-8 bytes of what is said and replied. */
  readonly messageBytes: number;
  readonly replyBytes: number;
  /** Share of turns that are rated. */
  readonly feedbackShare: number;
  readonly keepMessages: boolean;
  readonly sessionStore: "redis" | "postgres";
  readonly sessionTtlS: number;
}

export interface KeptBytes {
  /** What Postgres grows by in a day, sessions not counted. */
  readonly postgresPerDay: number;
  /** What a day of conversations takes, wherever they are kept. */
  readonly sessionsPerDay: number;
  /** The most that conversations take at the same time: they go `sessionTtlS` after their last turn. */
  readonly sessionsAtOnce: number;
}

/** How much is kept of so many turns. */
export function keptBytes(habits: Habits): KeptBytes {
  const { turnsPerDay, messageBytes, replyBytes, feedbackShare, keepMessages } = habits;
  const textBytes = messageBytes + replyBytes;
  const isRedis = habits.sessionStore === "redis";
  const perMessage = isRedis ? rowBytes.redisMessage : rowBytes.postgresMessage;
  const perSession = isRedis ? rowBytes.redisSession : rowBytes.postgresSession;
  const perTurn = 2 * perMessage + textBytes + perSession / habits.turnsPerSession;
  const sessionsPerDay = turnsPerDay * perTurn;
  return {
    postgresPerDay:
      turnsPerDay * (rowBytes.request + (keepMessages ? textBytes : 0) + feedbackShare * rowBytes.feedback),
    sessionsPerDay,
    sessionsAtOnce: sessionsPerDay * Math.max(1, habits.sessionTtlS / 86_400),
  };
}
