import { Redis } from "ioredis";
import { type Logger, within } from "../foundation/index.ts";

export interface RedisConnectionOptions {
  /** Longest wait for one answer; after it the connection is dropped and made anew. 2 000 unless told. */
  readonly commandTimeoutMs?: number;
  readonly logger?: Logger;
}

/**
 * A connection that fails fast and comes back by itself: while Redis is away commands are refused at once instead of piling
 * up, and one that hangs (a stopped server still accepts connections) is given up after the limit.
 * Resolves when connected, or after the limit without: a server that starts later is found then.
 */
export async function connectRedis(url: string, options: RedisConnectionOptions = {}): Promise<Redis> {
  const { commandTimeoutMs = 2_000, logger } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), 1_000),
  });
  let down = false;
  redis.on("error", (failure: Error) => {
    // ioredis reports every attempt; one line per outage is enough.
    if (!down) logger?.warn({ failure: failure.message }, "redis-down");
    down = true;
  });
  redis.on("ready", () => {
    if (down) logger?.info({}, "redis-up");
    down = false;
  });
  const connected = redis.connect().catch(() => undefined);
  await within(commandTimeoutMs, connected, () => new Error("late")).catch(() => undefined);
  return redis;
}
