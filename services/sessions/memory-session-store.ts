import { type KeptMessage, keptMessages, storable } from "./kept-message.ts";
import { assertSessionId } from "./session-id.ts";
import type { OwnedSessionStore, SessionStoreOptions } from "./session-store.ts";
import { TurnLocks } from "./turn-locks.ts";

interface Kept {
  readonly userId: string | null;
  readonly sector: string | null;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly messages: readonly KeptMessage[];
}

export interface MemoryOptions extends SessionStoreOptions {
  readonly nowMs?: () => number;
  /** Sessions kept at once, the least recently used go first; 10 000 unless told. */
  readonly maxSessions?: number;
}

/** Sessions that end with the process: for tests, and for running without a data folder. */
export function createMemorySessionStore(options: MemoryOptions): OwnedSessionStore {
  const { ttlS, maxMessages, nowMs = Date.now, maxSessions = 10_000 } = options;
  /** Least recently used first. */
  const sessions = new Map<string, Kept>();
  const turns = new TurnLocks(options);

  const living = (id: string): Kept | undefined => {
    assertSessionId(id);
    const kept = sessions.get(id);
    if (kept === undefined || nowMs() < kept.lastUsedAtMs + ttlS * 1000) return kept;
    sessions.delete(id);
    return undefined;
  };

  return {
    async load(id) {
      const kept = living(id);
      if (kept === undefined) return undefined;
      const { createdAtMs, lastUsedAtMs, ...facts } = kept;
      return { id, ...facts, createdAt: iso(createdAtMs), lastUsedAt: iso(lastUsedAtMs) };
    },

    async append(id, turn) {
      const former = living(id);
      const messages = [...(former?.messages ?? [])];
      for (const message of keptMessages(turn.messages)) {
        if (!messages.some((known) => known.id === message.id)) messages.push(message);
      }
      sessions.delete(id);
      sessions.set(id, {
        userId: storable(turn.userId ?? null) ?? former?.userId ?? null,
        sector: storable(turn.sector) ?? former?.sector ?? null,
        createdAtMs: former?.createdAtMs ?? nowMs(),
        lastUsedAtMs: nowMs(),
        messages: messages.slice(-maxMessages),
      });
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
    },

    async delete(id) {
      return living(id) !== undefined && sessions.delete(id);
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

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
