import { type Logger, storable } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";
import { SessionNotFoundError } from "./errors.ts";
import { keptMessages } from "./kept-message.ts";
import { assertSessionId } from "./session-id.ts";
import { append, forget, keepSummary, load, sweep } from "./session-sql.ts";
import { keptSummary } from "./session-state.ts";
import type {
  OwnedSessionStore,
  SessionMessage,
  SessionStoreOptions,
  SessionSummary,
  SessionTurn,
} from "./session-store.ts";
import { TurnLocks } from "./turn-locks.ts";

export interface EmbeddedOptions extends SessionStoreOptions {
  readonly nowMs?: () => number;
  /** How often sessions whose time is over are deleted; a minute unless told. */
  readonly sweepEveryMs?: number;
  readonly logger?: Logger;
}

export interface EmbeddedSessionStore extends OwnedSessionStore {
  /** @param atMs when the turn was taken; now unless told */
  append(id: string, turn: SessionTurn, atMs?: number): Promise<void>;
}

/** Sessions in the database of this process (migrations 0001, 0004). Turns are serialised here: the folder has one process. */
export function createEmbeddedSessionStore(database: Database, options: EmbeddedOptions): EmbeddedSessionStore {
  const { ttlS, maxMessages, nowMs = Date.now, sweepEveryMs = 60_000, logger } = options;
  const turns = new TurnLocks(options);
  const now = () => new Date(nowMs());

  let sweeping: Promise<unknown> | undefined;
  const sweeper = setInterval(() => {
    sweeping ??= database
      .query(sweep, [now()])
      .catch((failure: unknown) => logger?.warn({ failure: String(failure) }, "session-sweep-failed"))
      .finally(() => {
        sweeping = undefined;
      });
  }, sweepEveryMs).unref();

  return {
    async load(id) {
      assertSessionId(id);
      const { rows } = await database.query<SessionRow>(load, [id, now()]);
      const [session] = rows;
      if (session === undefined) return undefined;
      return {
        id,
        owner: session.owner,
        userId: session.user_id,
        sector: session.sector,
        createdAt: session.created_at.toISOString(),
        lastUsedAt: session.last_used_at.toISOString(),
        summary: session.summary,
        messages: session.messages,
      };
    },

    async append(id, turn, atMs = nowMs()) {
      assertSessionId(id);
      const { owner, userId, sector, messages } = turn;
      const { rows } = await database.query(append, [
        id,
        storable(userId ?? null),
        storable(sector),
        new Date(atMs),
        new Date(atMs + ttlS * 1000),
        maxMessages,
        JSON.stringify(keptMessages(messages)),
        owner ?? null,
      ]);
      if (rows.length === 0) throw new SessionNotFoundError();
    },

    async keepSummary({ id, createdAt }, summary) {
      assertSessionId(id);
      const { text, until } = keptSummary(summary);
      return (await database.query(keepSummary, [id, createdAt, now(), text, until])).rowCount > 0;
    },

    async delete(id) {
      assertSessionId(id);
      const { rows } = await database.query<{ living: boolean }>(forget, [id, now()]);
      return rows[0]?.living ?? false;
    },

    async sessionsOf(userId) {
      const { rows } = await database.query<{ id: string }>("select id from sessions where user_id = $1", [
        storable(userId),
      ]);
      return rows.map(({ id }) => id);
    },

    async withTurn(id, work, signal) {
      assertSessionId(id);
      return turns.withTurn(id, work, signal);
    },

    async [Symbol.asyncDispose]() {
      clearInterval(sweeper);
      await sweeping;
    },
  };
}

interface SessionRow {
  readonly owner: string | null;
  readonly user_id: string | null;
  readonly sector: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly summary: SessionSummary | null;
  readonly messages: readonly SessionMessage[];
}
