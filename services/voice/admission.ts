import { type Caller, type RateLimiter, rateRefusal, userRules, userSubject, wholeSeconds } from "../access/index.ts";
import type { Settings } from "../settings/index.ts";
import type { RateLimitsEvent } from "./events/index.ts";

/**
 * Counts a spoken reply for its user as chat counts a request, so that both together keep the limits.
 * @returns what is left, for `rate_limits.updated`; undefined: nobody is named, or there are no limits
 * @throws {RateLimitError} @throws {LimitsUnavailableError}
 */
export type Admit = (caller: Caller, userId: string | undefined) => Promise<RateLimitsEvent["rate_limits"] | undefined>;

export function createAdmission({
  limiter,
  limits,
}: {
  readonly limiter: RateLimiter;
  readonly limits: Pick<Settings["limits"], "userPerHour" | "userPerDay">;
}): Admit {
  const rules = userRules(limits);
  return async (caller, userId) => {
    const subject = userSubject(caller, userId);
    if (subject === undefined || rules.length === 0) return undefined;
    const state = await limiter.take(subject, rules);
    if (!state.allowed) throw rateRefusal(state);
    const { rule, remaining, resetMs } = state;
    return [{ name: "requests", limit: rule.max, remaining, reset_seconds: wholeSeconds(resetMs) }];
  };
}
