import { type Logger, storable } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";
import { SessionNotFoundError } from "./errors.ts";
import { keptMessages } from "./kept-message.ts";
import { assertSessionId } from "./session-id.ts";
import { appendTurns, forget, keepSummary, load, sweep } from "./session-sql.ts";
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

/** A turn of a session, taken at `atMs`. */
export interface TakenTurn {
  readonly id: string;
  readonly turn: SessionTurn;
  readonly atMs: number;
}

export interface EmbeddedSessionStore extends OwnedSessionStore {
  /**
   * Keeps turns of different sessions, all of them or none.
   * @returns those of sessions that are another key's: nothing of them was kept
   */
  appendAll<Turn extends TakenTurn>(turns: readonly Turn[]): Promise<readonly Turn[]>;
}

/** Sessions in the database of this process (migrations 0001, 0004). Turns are serialised here: the folder has one process. */
export function createEmbeddedSessionStore(database: Database, options: EmbeddedOptions): EmbeddedSessionStore {
  const { ttlS, maxMessages, nowMs = Date.now, sweepEveryMs = 60_000, logger } = options;
  const locks = new TurnLocks(options);
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

  const appendAll: EmbeddedSessionStore["appendAll"] = async (turns) => {
    const given = turns.map(({ id, turn: { owner, userId, sector, messages }, atMs }) => {
      assertSessionId(id);
      return {
        id,
        owner: owner ?? null,
        user_id: storable(userId ?? null),
        sector: storable(sector),
        at: new Date(atMs),
        expires: new Date(atMs + ttlS * 1000),
        messages: keptMessages(messages),
      };
    });
    const { rows } = await database.query<{ id: string }>(appendTurns, [JSON.stringify(given), maxMessages]);
    const kept = new Set(rows.map(({ id }) => id));
    return turns.filter(({ id }) => !kept.has(id));
  };

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

    async append(id, turn) {
      const refused = await appendAll([{ id, turn, atMs: nowMs() }]);
      if (refused.length > 0) throw new SessionNotFoundError();
    },

    appendAll,

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
      return locks.withTurn(id, work, signal);
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
