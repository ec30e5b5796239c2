import type { RateLimiter } from "./rate-limiter.ts";

/** The same limiter, telling whom it refuses. @param onRefused the rule's name; `sessions`, `waits` or `streams` where too much was wanted at once */
export function countedLimiter(limiter: RateLimiter, onRefused: (limit: string) => void): RateLimiter {
  return {
    take: async (subject, rules) => {
      const state = await limiter.take(subject, rules);
      if (!state.allowed) onRefused(state.rule.name);
      return state;
    },
    enter: async (subject, max) => {
      const give = await limiter.enter(subject, max);
      if (give === undefined) onRefused(placesOf(subject));
      return give;
    },
    [Symbol.asyncDispose]: () => limiter[Symbol.asyncDispose](),
  };
}

function placesOf(subject: string): string {
  if (subject.startsWith("voice:")) return "sessions";
  return subject.startsWith("waits:") ? "waits" : "streams";
}
