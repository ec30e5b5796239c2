/** What Redis does with a session's keys, each in one step, so that all of it is of one moment. */

/** KEYS facts, messages. */
export const load = `
return {
  redis.call("HMGET", KEYS[1], "userId", "sector", "createdAt", "lastUsedAt", "owner", "summary", "summaryUntil"),
  redis.call("LRANGE", KEYS[2], 0, -1)
}`;

/**
 * KEYS facts, messages. ARGV now, time to live in ms, most messages, user and sector (empty: keep), owner (empty: no key), then each message as
 * two texts: how its JSON begins (its id comes first), and the JSON. The texts are never decoded here, so they come back unchanged.
 * 0: the session is another owner's, and nothing was changed.
 */
export const append = `
local owner = redis.call("HGET", KEYS[1], "owner")
if owner and ARGV[6] ~= "" and owner ~= ARGV[6] then return 0 end
local known = redis.call("LRANGE", KEYS[2], 0, -1)
for i = 7, #ARGV, 2 do
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
if ARGV[6] ~= "" then redis.call("HSETNX", KEYS[1], "owner", ARGV[6]) end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
redis.call("PEXPIRE", KEYS[2], ARGV[2])
return 1`;

/** KEYS facts. ARGV when the session was created, text, the last message it speaks of. 0: that session is gone. */
export const keepSummary = `
if redis.call("HGET", KEYS[1], "createdAt") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], "summary", ARGV[2], "summaryUntil", ARGV[3])
return 1`;
