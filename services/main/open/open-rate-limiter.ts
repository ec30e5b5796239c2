import type { RateLimiter } from "../../access/index.ts";
import { withReserve } from "../../access/limits/limiter-with-reserve.ts";
import { createMemoryRateLimiter } from "../../access/limits/memory-rate-limiter.ts";
import { createRedisRateLimiter } from "../../access/limits/redis-rate-limiter.ts";
import type { Disposal } from "../../foundation/index.ts";
import type { ProcessLogger } from "../../observability/index.ts";
import { connectRedis } from "../../sessions/redis-connection.ts";
import type { Settings } from "../../settings/index.ts";

/** Longest wait for a count: behind it every request waits. */
const commandTimeoutMs = 500;

/** Counts in this process, or in Redis for all of them. */
export async function openRateLimiter(
  { limits, redis: { url } }: Pick<Settings, "limits" | "redis">,
  logger: ProcessLogger,
  disposal: Disposal,
): Promise<RateLimiter> {
  const dispose = (opened: RateLimiter): PromiseLike<void> => opened[Symbol.asyncDispose]();
  const memory = createMemoryRateLimiter();
  if (limits.store === "memory") return disposal.own(memory, dispose);
  const redis = disposal.own(await connectRedis(url, { commandTimeoutMs, logger }), (opened) => opened.disconnect());
  const shared = createRedisRateLimiter(redis);
  return disposal.own(limits.whenUnavailable === "refuse" ? shared : withReserve(shared, memory, logger), dispose);
}
