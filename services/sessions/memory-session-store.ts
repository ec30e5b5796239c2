import { storable } from "../foundation/index.ts";
import { assertSessionId } from "./session-id.ts";
import { afterTurn, keptSummary, type SessionState, toSession } from "./session-state.ts";
import type { OwnedSessionStore, SessionStoreOptions } from "./session-store.ts";
import { TurnLocks } from "./turn-locks.ts";

export interface MemoryOptions extends SessionStoreOptions {
  readonly nowMs?: () => number;
  /** Sessions kept at once, the least recently used go first; 10 000 unless told. */
  readonly maxSessions?: number;
}

/** Sessions that end with the process: for tests, and for running without a data folder. */
export function createMemorySessionStore(options: MemoryOptions): OwnedSessionStore {
  const { ttlS, maxMessages, nowMs = Date.now, maxSessions = 10_000 } = options;
  /** Least recently used first. */
  const sessions = new Map<string, SessionState>();
  const turns = new TurnLocks(options);

  const living = (id: string): SessionState | undefined => {
    assertSessionId(id);
    const kept = sessions.get(id);
    if (kept === undefined || nowMs() < kept.lastUsedAtMs + ttlS * 1000) return kept;
    sessions.delete(id);
    return undefined;
  };

  return {
    async load(id) {
      const kept = living(id);
      return kept === undefined ? undefined : toSession(id, kept);
    },

    async append(id, turn) {
      const state = afterTurn(living(id), turn, nowMs(), maxMessages);
      sessions.delete(id);
      sessions.set(id, state);
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
    },

    async keepSummary({ id, createdAt }, summary) {
      const kept = living(id);
      if (kept?.createdAtMs !== Date.parse(createdAt)) return false;
      sessions.set(id, { ...kept, summary: keptSummary(summary) });
      return true;
    },

    async delete(id) {
      return living(id) !== undefined && sessions.delete(id);
    },

    async sessionsOf(userId) {
      return [...sessions].filter(([, kept]) => kept.userId === storable(userId)).map(([id]) => id);
    },

    async withTurn(id, work, signal) {
      assertSessionId(id);
      return turns.withTurn(id, work, signal);
    },

    async [Symbol.asyncDispose]() {
      sessions.clear();
    },
  };
}
