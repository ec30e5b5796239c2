import type { Redis } from "ioredis";
import { storable } from "../foundation/index.ts";
import { SessionNotFoundError } from "./errors.ts";
import { keptMessages } from "./kept-message.ts";
import { asked } from "./redis-answer.ts";
import { append, keepSummary, load } from "./redis-scripts.ts";
import { RedisTurnLocks } from "./redis-turn-locks.ts";
import { assertSessionId } from "./session-id.ts";
import { keptSummary } from "./session-state.ts";
import type { OwnedSessionStore, SessionMessage, SessionStoreOptions } from "./session-store.ts";
import { TurnLocks } from "./turn-locks.ts";

export interface RedisOptions extends SessionStoreOptions {
  /** Before every key; `sektor:` unless told. */
  readonly keyPrefix?: string;
  readonly nowMs?: () => number;
  /** How long a turn's lock outlives a process that died; it is renewed while the turn runs. 15 000 unless told. */
  readonly turnLockMs?: number;
}

/**
 * Sessions in Redis, for several processes: a list of messages and a hash of facts per session, which expire together by
 * Redis' own clock. Make the connection with `connectRedis`: the promise of quick refusals is kept there.
 */
export function createRedisSessionStore(redis: Redis, options: RedisOptions): OwnedSessionStore {
  const {
    ttlS,
    maxMessages,
    keyPrefix = "sektor:",
    nowMs = Date.now,
    turnWaitMs = 30_000,
    turnLockMs = 15_000,
  } = options;
  const local = new TurnLocks(options);
  const locks = new RedisTurnLocks(redis, { waitMs: turnWaitMs, lockMs: turnLockMs });
  // The braces keep a session's keys on one node of a Redis cluster.
  const keyOf = (id: string, what: string) => `${keyPrefix}session:{${id}}:${what}`;

  return {
    async load(id) {
      assertSessionId(id);
      const [facts, texts] = (await asked(redis.eval(load, 2, keyOf(id, "facts"), keyOf(id, "messages")))) as readonly [
        readonly (string | null)[],
        readonly string[],
      ];
      const [userId = null, sector = null, createdAt, lastUsedAt, owner = null, summary, until] = facts;
      if (typeof createdAt !== "string" || typeof lastUsedAt !== "string") return undefined;
      return {
        id,
        owner,
        userId,
        sector,
        createdAt,
        lastUsedAt,
        summary: summary == null || until == null ? null : { text: summary, until },
        messages: texts.map((text) => JSON.parse(text) as SessionMessage),
      };
    },

    async append(id, turn) {
      assertSessionId(id);
      const taken = await asked(
        redis.eval(
          append,
          2,
          keyOf(id, "facts"),
          keyOf(id, "messages"),
          new Date(nowMs()).toISOString(),
          ttlS * 1000,
          maxMessages,
          storable(turn.userId ?? ""),
          storable(turn.sector ?? ""),
          turn.owner ?? "",
          ...keptMessages(turn.messages).flatMap((message) => [beginningOf(message.id), JSON.stringify(message)]),
        ),
      );
      if (taken !== 1) throw new SessionNotFoundError();
    },

    async keepSummary({ id, createdAt }, summary) {
      assertSessionId(id);
      const { text, until } = keptSummary(summary);
      return (await asked(redis.eval(keepSummary, 1, keyOf(id, "facts"), createdAt, text, until))) === 1;
    },

    async delete(id) {
      assertSessionId(id);
      return (await asked(redis.del(keyOf(id, "facts"), keyOf(id, "messages")))) > 0;
    },

    async sessionsOf(userId) {
      const ids = new Set<string>();
      // Rare, so no index is kept for it: every session is looked at, a bite at a time.
      for (let cursor: string | undefined; cursor !== "0"; ) {
        const [next, keys] = await asked(
          redis.scan(cursor ?? "0", "MATCH", `${keyPrefix}session:{*}:facts`, "COUNT", 500),
        );
        cursor = next;
        const owners = await Promise.all(keys.map((key) => asked(redis.hget(key, "userId"))));
        for (const [at, key] of keys.entries()) {
          if (owners[at] !== storable(userId)) continue;
          ids.add(key.slice(`${keyPrefix}session:{`.length, -"}:facts".length));
        }
      }
      return [...ids];
    },

    async withTurn(id, work, signal) {
      assertSessionId(id);
      // First in line here, then against other processes: a process has one caller per session asking Redis.
      return local.withTurn(
        id,
        async () => {
          const release = await locks.acquire(keyOf(id, "turn"), signal);
          try {
            return await work();
          } finally {
            await release();
          }
        },
        signal,
      );
    },

    async [Symbol.asyncDispose]() {},
  };
}

function beginningOf(id: string): string {
  return `${JSON.stringify({ id }).slice(0, -1)},`;
}
