import type { Logger } from "../../foundation/index.ts";
import { LimitsUnavailableError } from "../errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";

/**
 * While the shared counts are out of reach, `reserve` counts for this process alone: with n processes up to n times as much passes,
 * but nobody is locked out and nobody is unlimited. Other failures are handed on.
 */
export function withReserve(shared: RateLimiter, reserve: RateLimiter, logger?: Logger): RateLimiter {
  let away = false;
  const either = async <T>(work: (limiter: RateLimiter) => Promise<T>): Promise<T> => {
    try {
      const answer = await work(shared);
      if (away) logger?.info({}, "limits-shared-again");
      away = false;
      return answer;
    } catch (failure) {
      if (!(failure instanceof LimitsUnavailableError)) throw failure;
      // One line per outage is enough.
      if (!away) logger?.warn({ failure: String(failure.cause ?? failure) }, "limits-counted-alone");
      away = true;
      return await work(reserve);
    }
  };
  return {
    take: (subject, rules) => either((limiter) => limiter.take(subject, rules)),
    enter: (subject, max) => either((limiter) => limiter.enter(subject, max)),
    async [Symbol.asyncDispose]() {
      await shared[Symbol.asyncDispose]();
      await reserve[Symbol.asyncDispose]();
    },
  };
}
