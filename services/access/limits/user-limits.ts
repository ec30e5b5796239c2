import type { Caller } from "../api-key.ts";
import { type LimitWords, RateLimitError, TooManyStreamsError, TooManyWaitsError } from "../errors.ts";
import type { GivePlace, RateLimiter, RateRule, RateState } from "./rate-limiter.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const words: Readonly<Record<string, LimitWords>> = {
  address_minute: { en: "a minute from this address", tr: "bu adresten dakikada" },
  key_minute: { en: "a minute with this key", tr: "bu anahtarla dakikada" },
  user_hour: { en: "an hour for this user", tr: "bu kullanıcı için saatte" },
  user_day: { en: "a day for this user", tr: "bu kullanıcı için günde" },
  form_hour: { en: "feedback forms an hour from this address", tr: "bu adresten saatte geri bildirim formu" },
  form_day: { en: "feedback forms a day from everybody", tr: "herkesten günde geri bildirim formu" },
};

/** Requests of one address. 0: no limit. */
export function addressRules(perMinute: number): readonly RateRule[] {
  return perMinute > 0 ? [{ name: "address_minute", max: perMinute, windowMs: minuteMs }] : [];
}

/** Requests with one key. 0: no limit. */
export function keyRules(perMinute: number): readonly RateRule[] {
  return perMinute > 0 ? [{ name: "key_minute", max: perMinute, windowMs: minuteMs }] : [];
}

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

/**
 * One of the replies that a subject may get at the same time.
 * @param max 0: as many as it likes
 * @throws {TooManyStreamsError} @throws {LimitsUnavailableError}
 */
export async function replyPlace(limiter: RateLimiter, subject: string, max: number): Promise<GivePlace> {
  if (max === 0) return () => {};
  const give = await limiter.enter(subject, max);
  if (give === undefined) throw new TooManyStreamsError(max);
  return give;
}

/**
 * One of the calls that may wait for jobs at the same time: a key's, or an address's where no key is asked for.
 * @param max 0: as many as they like
 * @throws {TooManyWaitsError} @throws {LimitsUnavailableError}
 */
export async function waitPlace(
  limiter: RateLimiter,
  { keyId, address }: { readonly keyId: string | null; readonly address: string },
  max: number,
): Promise<GivePlace> {
  if (max === 0) return () => {};
  const give = await limiter.enter(keyId === null ? `waits:address:${address}` : `waits:key:${keyId}`, max);
  if (give === undefined) throw new TooManyWaitsError(max);
  return give;
}

/** At least 1. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
