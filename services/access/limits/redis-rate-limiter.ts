import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { LimitsUnavailableError } from "../errors.ts";
import { tightest } from "./memory-rate-limiter.ts";
import { type RateLimiter, slotsPerWindow } from "./rate-limiter.ts";
import { RedisScript } from "./redis-script.ts";

export interface RedisLimiterOptions {
  /** Before every key; `sektor:` unless told. */
  readonly keyPrefix?: string;
  /** How long a place outlives the process that took it; renewed three times in that while. 15 000 unless told. */
  readonly placeMs?: number;
}

/** Counts that several processes share, by Redis' own clock. Each call is one script: all or nothing. */
export function createRedisRateLimiter(redis: Redis, options: RedisLimiterOptions = {}): RateLimiter {
  const { keyPrefix = "sektor:", placeMs = 15_000 } = options;
  // The braces keep a subject's keys on one node of a Redis cluster.
  const keyOf = (subject: string, what: string): string => `${keyPrefix}limit:{${subject}}:${what}`;
  /** Key → places of this process. */
  const held = new Map<string, Set<string>>();
  const renewal = setInterval(() => {
    for (const [key, ids] of held) renewPlaces.run(redis, [key], [placeMs, ...ids]).catch(() => undefined);
  }, placeMs / 3).unref();

  const give = (key: string, id: string): void => {
    const ids = held.get(key);
    ids?.delete(id);
    if (ids?.size === 0) held.delete(key);
    // One that is not given back ends by itself.
    redis.zrem(key, id).catch(() => undefined);
  };

  return {
    async take(subject, rules) {
      const keys = rules.map(({ name }) => keyOf(subject, name));
      const facts = rules.flatMap(({ max, windowMs }) => [max, windowMs]);
      const answer = (await asked(countRequest.run(redis, keys, [slotsPerWindow, ...facts]))) as readonly [
        number,
        ...number[],
      ];
      const [allowed, ...rest] = answer;
      return tightest(
        rules.map((rule, i) => ({
          rule,
          allowed: allowed === 1,
          remaining: rest[2 * i] ?? 0,
          resetMs: rest[2 * i + 1] ?? rule.windowMs,
        })),
      );
    },

    async enter(subject, max) {
      const key = keyOf(subject, "places");
      const id = randomUUID();
      if ((await asked(takePlace.run(redis, [key], [placeMs, max, id]))) !== 1) return undefined;
      const ids = held.get(key) ?? new Set<string>();
      held.set(key, ids.add(id));
      return () => give(key, id);
    },

    async [Symbol.asyncDispose]() {
      clearInterval(renewal);
      for (const [key, ids] of held) for (const id of [...ids]) give(key, id);
    },
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (failure) {
    throw new LimitsUnavailableError(failure);
  }
}

const now = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS one hash of slots a rule; ARGV slots per window, then most and window in ms of each rule.
 * Answers 1 or 0, then what remains and the ms until more fits, rule by rule. The same arithmetic as in memory. What was counted at a time
 * that has not come yet, before the clock was set back, counts as now: it is over when a window is, not when that time has come.
 */
const countRequest = new RedisScript(`${now}
local per = tonumber(ARGV[1])
local rules, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local max, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local width = window / per
  local slot = math.floor(now / width)
  local sum, oldest, gone, early = 0, slot, {}, 0
  local fields = redis.call("HGETALL", key)
  for j = 1, #fields, 2 do
    local number = tonumber(fields[j])
    if number < slot - per then table.insert(gone, fields[j])
    else
      sum = sum + tonumber(fields[j + 1])
      if number < oldest then oldest = number end
      if number > slot then
        table.insert(gone, fields[j])
        early = early + tonumber(fields[j + 1])
      end
    end
  end
  if #gone > 0 then redis.call("HDEL", key, unpack(gone)) end
  if early > 0 then redis.call("HINCRBY", key, string.format("%.0f", slot), early) end
  if sum >= max then allowed = 0 end
  rules[i] = { max = max, window = window, width = width, slot = slot, sum = sum, oldest = oldest }
end
local answer = { allowed }
for i, rule in ipairs(rules) do
  if allowed == 1 then
    redis.call("HINCRBY", KEYS[i], string.format("%.0f", rule.slot), 1)
    redis.call("PEXPIRE", KEYS[i], math.ceil(rule.window + 2 * rule.width))
    rule.sum = rule.sum + 1
  end
  table.insert(answer, math.max(0, rule.max - rule.sum))
  table.insert(answer, math.ceil((rule.oldest + per + 1) * rule.width - now))
end
return answer`);

/** KEYS places by their end; ARGV time to live in ms, most, id. 1 when there was one. None lasts longer than its time from now. */
const takePlace = new RedisScript(`${now}
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
local latest = now + tonumber(ARGV[1])
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "(" .. string.format("%.0f", latest), "+inf")) do
  redis.call("ZADD", KEYS[1], latest, id)
end
if redis.call("ZCARD", KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call("ZADD", KEYS[1], latest, ARGV[3])
redis.call("PEXPIRE", KEYS[1], ARGV[1])
return 1`);

/** KEYS places; ARGV time to live in ms, then ids. Those given back meanwhile stay given back. */
const renewPlaces = new RedisScript(`${now}
for i = 2, #ARGV do redis.call("ZADD", KEYS[1], "XX", now + tonumber(ARGV[1]), ARGV[i]) end
return redis.call("PEXPIRE", KEYS[1], ARGV[1])`);
