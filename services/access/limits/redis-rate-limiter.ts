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
 * KEYS one hash a rule; ARGV slots per window, then most and window in ms of each rule.
 * Answers 1 or 0, then what remains and the ms until more fits, rule by rule. The same arithmetic as in memory. What was counted at a time
 * that has not come yet, before the clock was set back, counts as now: it is over when a window is, not when that time has come.
 *
 * A hash holds a count for each slot in use, their sum, and the oldest and the latest of them: a check reads those, and of the slots only
 * what has left the window since the last one.
 */
const countRequest = new RedisScript(`${now}
local per = tonumber(ARGV[1])

-- Folds what was counted after the slot into it.
local function fold(key, slot)
  local sum, oldest, late, gone = 0, slot, 0, {}
  local fields = redis.call("HGETALL", key)
  for j = 1, #fields, 2 do
    local number, count = tonumber(fields[j]), tonumber(fields[j + 1])
    if number then
      sum = sum + count
      if number < oldest then oldest = number end
      if number > slot then
        late = late + count
        table.insert(gone, fields[j])
      end
    end
  end
  redis.call("HDEL", key, unpack(gone))
  redis.call("HINCRBY", key, slot, late)
  return sum, oldest
end

-- Sum and oldest slot of the window that ends with the slot.
local function window_of(key, slot)
  local first = slot - per
  local facts = redis.call("HMGET", key, "sum", "oldest", "latest")
  local sum, oldest, latest = tonumber(facts[1]), tonumber(facts[2]), tonumber(facts[3])
  if not sum or latest < first then
    redis.call("DEL", key)
    return 0, slot
  end
  if latest > slot then sum, oldest = fold(key, slot)
  elseif oldest >= first then return sum, oldest end
  while oldest < first do
    local count = redis.call("HGET", key, oldest)
    if count then
      sum = sum - tonumber(count)
      redis.call("HDEL", key, oldest)
    end
    oldest = oldest + 1
  end
  while oldest < slot and redis.call("HEXISTS", key, oldest) == 0 do oldest = oldest + 1 end
  redis.call("HSET", key, "sum", sum, "oldest", oldest, "latest", math.min(latest, slot))
  return sum, oldest
end

local rules, allowed = {}, 1
for i, key in ipairs(KEYS) do
  local max, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local width = window / per
  local slot = math.floor(now / width)
  local sum, oldest = window_of(key, slot)
  if sum >= max then allowed = 0 end
  rules[i] = { max = max, window = window, width = width, slot = slot, sum = sum, oldest = oldest }
end
local answer = { allowed }
for i, rule in ipairs(rules) do
  if allowed == 1 then
    rule.sum = rule.sum + 1
    redis.call("HINCRBY", KEYS[i], rule.slot, 1)
    redis.call("HSET", KEYS[i], "sum", rule.sum, "oldest", rule.oldest, "latest", rule.slot)
    redis.call("PEXPIRE", KEYS[i], math.ceil(rule.window + 2 * rule.width))
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
