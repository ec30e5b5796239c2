import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { pause } from "../foundation/index.ts";
import { SessionBusyError } from "./errors.ts";
import { asked } from "./redis-answer.ts";

export interface RedisTurnLockLimits {
  /** Longest wait for another process' turn. */
  readonly waitMs: number;
  /** How long a lock outlives the process that held it; renewed three times in that while. */
  readonly lockMs: number;
}

/** How soon a process that waits asks again. */
const askAgainMs = 50;

/** A session's turn among processes: a key with a token and a time to live. One caller per key and process at a time. */
export class RedisTurnLocks {
  readonly #redis: Redis;
  readonly #limits: RedisTurnLockLimits;
  /** Begins every token of this process, so that it finds again a lock whose answer was lost on the way. */
  readonly #owner = randomUUID();
  #turns = 0;

  constructor(redis: Redis, limits: RedisTurnLockLimits) {
    this.#redis = redis;
    this.#limits = limits;
  }

  /**
   * @returns how to let go; that never fails, since the lock would end by itself
   * @throws {SessionBusyError | SessionsUnavailableError}
   * @throws the signal's reason
   */
  async acquire(key: string, signal?: AbortSignal): Promise<() => Promise<void>> {
    const { waitMs, lockMs } = this.#limits;
    const token = `${this.#owner}:${++this.#turns}`;
    const lateAt = performance.now() + waitMs;
    while ((await asked(this.#redis.eval(take, 1, key, token, this.#owner, lockMs))) !== 1) {
      if (performance.now() >= lateAt) throw new SessionBusyError();
      await pause(askAgainMs, signal);
      signal?.throwIfAborted();
    }
    const renewal = setInterval(() => {
      // A missed renewal is made up for by the next; with Redis down for longer, so are the sessions.
      this.#redis.eval(renew, 1, key, token, lockMs).catch(() => undefined);
    }, lockMs / 3);
    return async () => {
      clearInterval(renewal);
      await this.#redis.eval(give, 1, key, token).catch(() => undefined);
    };
  }
}

/** KEYS lock; ARGV token, owner, time to live in ms. 1 when taken. */
const take = `
local holder = redis.call("GET", KEYS[1])
if holder and string.sub(holder, 1, #ARGV[2]) ~= ARGV[2] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[3])
return 1`;

/** KEYS lock; ARGV token, time to live in ms. */
const renew = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end return 0`;

/** KEYS lock; ARGV token. Another's lock, taken after ours had ended, stays. */
const give = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`;
