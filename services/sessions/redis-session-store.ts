import type { Redis } from "ioredis";
import { storable } from "../foundation/index.ts";
import { keptMessages } from "./kept-message.ts";
import { asked } from "./redis-answer.ts";
import { RedisTurnLocks } from "./redis-turn-locks.ts";
import { assertSessionId } from "./session-id.ts";
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
      const [userId = null, sector = null, createdAt, lastUsedAt] = facts;
      if (typeof createdAt !== "string" || typeof lastUsedAt !== "string") return undefined;
      return {
        id,
        userId,
        sector,
        createdAt,
        lastUsedAt,
        messages: texts.map((text) => JSON.parse(text) as SessionMessage),
      };
    },

    async append(id, turn) {
      assertSessionId(id);
      await asked(
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
          ...keptMessages(turn.messages).flatMap((message) => [beginningOf(message.id), JSON.stringify(message)]),
        ),
      );
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

/** KEYS facts, messages. Both in one step, so that they are of one moment. */
const load = `
return {redis.call("HMGET", KEYS[1], "userId", "sector", "createdAt", "lastUsedAt"), redis.call("LRANGE", KEYS[2], 0, -1)}`;

/**
 * KEYS facts, messages. ARGV now, time to live in ms, most messages, user and sector (empty: keep), then each message as two
 * texts: how its JSON begins (its id comes first), and the JSON. The texts are never decoded here, so they come back unchanged.
 */
const append = `
local known = redis.call("LRANGE", KEYS[2], 0, -1)
for i = 6, #ARGV, 2 do
  local fresh = true
  for _, text in ipairs(known) do
    if string.sub(text, 1, #ARGV[i]) == ARGV[i] then fresh = false break end
  end
  if fresh then redis.call("RPUSH", KEYS[2], ARGV[i + 1]) end
end
redis.call("LTRIM", KEYS[2], -tonumber(ARGV[3]), -1)
redis.call("HSETNX", KEYS[1], "createdAt", ARGV[1])
redis.call("HSET", KEYS[1], "lastUsedAt", ARGV[1])
if ARGV[4] ~= "" then redis.call("HSET", KEYS[1], "userId", ARGV[4]) end
if ARGV[5] ~= "" then redis.call("HSET", KEYS[1], "sector", ARGV[5]) end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
redis.call("PEXPIRE", KEYS[2], ARGV[2])
return 1`;
