import type { Caller } from "../api-key.ts";
import { type LimitWords, RateLimitError } from "../errors.ts";
import type { RateRule, RateState } from "./rate-limiter.ts";

const hourMs = 3_600_000;

const words: Readonly<Record<string, LimitWords>> = {
  address_minute: { en: "a minute from this address", tr: "bu adresten dakikada" },
  key_minute: { en: "a minute with this key", tr: "bu anahtarla dakikada" },
  user_hour: { en: "an hour for this user", tr: "bu kullanıcı için saatte" },
  user_day: { en: "a day for this user", tr: "bu kullanıcı için günde" },
  form_hour: { en: "feedback forms an hour from this address", tr: "bu adresten saatte geri bildirim formu" },
  form_day: { en: "feedback forms a day from everybody", tr: "herkesten günde geri bildirim formu" },
};

/** How much is asked of the platform for one user, whatever way it is asked. 0: no limit. */
export function userRules(limits: { readonly userPerHour: number; readonly userPerDay: number }): readonly RateRule[] {
  return [
    { name: "user_hour", max: limits.userPerHour, windowMs: hourMs },
    { name: "user_day", max: limits.userPerDay, windowMs: 24 * hourMs },
  ].filter(({ max }) => max > 0);
}

/**
 * The user that counts: the key's, or the one that is named, who is somebody else under another key. Undefined: nobody is named, and
 * the limits of key and address are all there is.
 */
export function userSubject(
  { keyId, userId }: Pick<Caller, "keyId" | "userId">,
  said: string | undefined,
): string | undefined {
  if (userId !== null) return `user:${userId}`;
  return said === undefined ? undefined : `user-of:${keyId ?? "nobody"}:${said.slice(0, 128)}`;
}

/** What is said to who was not counted. */
export function rateRefusal({ rule, resetMs }: RateState): RateLimitError {
  return new RateLimitError(rule, words[rule.name] ?? { en: rule.name, tr: rule.name }, wholeSeconds(resetMs));
}

/** At least 1. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
