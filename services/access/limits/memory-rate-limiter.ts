import { RecentMap } from "../recent-map.ts";
import { type RateLimiter, type RateRule, type RateState, slotsPerWindow } from "./rate-limiter.ts";

export interface MemoryLimiterOptions {
  /** Monotonic: a clock that is set changes no window. */
  readonly nowMs?: () => number;
  /** Subjects × rules remembered, those used last; 50 000 unless told. */
  readonly mostCounted?: number;
}

/** Number of a slot → requests in it; only those of the window, oldest first. */
type Slots = Map<number, number>;

/** Counts in this process. */
export function createMemoryRateLimiter(options: MemoryLimiterOptions = {}): RateLimiter {
  const { nowMs = () => performance.now(), mostCounted = 50_000 } = options;
  const counted = new RecentMap<string, Slots>(mostCounted);
  const places = new Map<string, number>();

  const slotsOf = (subject: string, rule: RateRule, now: number): Slots => {
    const key = `${rule.name} ${subject}`;
    const slots = counted.get(key) ?? new Map<number, number>();
    counted.set(key, slots);
    const first = Math.floor(now / slotMs(rule)) - slotsPerWindow;
    for (const slot of slots.keys()) {
      if (slot >= first) break;
      slots.delete(slot);
    }
    return slots;
  };

  return {
    async take(subject, rules) {
      const now = nowMs();
      const all = rules.map((rule) => ({ rule, slots: slotsOf(subject, rule, now) }));
      const allowed = all.every(({ rule, slots }) => sum(slots) < rule.max);
      if (allowed) {
        for (const { rule, slots } of all) {
          const slot = Math.floor(now / slotMs(rule));
          slots.set(slot, (slots.get(slot) ?? 0) + 1);
        }
      }
      const states = all.map(({ rule, slots }) => stateOf(rule, slots, now, allowed));
      return tightest(states);
    },

    async enter(subject, max) {
      const taken = places.get(subject) ?? 0;
      if (taken >= max) return undefined;
      places.set(subject, taken + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (places.get(subject) ?? 1) - 1;
        if (left === 0) places.delete(subject);
        else places.set(subject, left);
      };
    },

    async [Symbol.asyncDispose]() {},
  };
}

/** @param allowed whether the request was counted; if not, a full window is why */
function stateOf(rule: RateRule, slots: Slots, now: number, allowed: boolean): RateState {
  const [oldest = Math.floor(now / slotMs(rule))] = slots.keys();
  const remaining = Math.max(0, rule.max - sum(slots));
  const resetMs = (oldest + slotsPerWindow + 1) * slotMs(rule) - now;
  return { rule, remaining, resetMs, allowed };
}

/** Of several rules the one with least room; of several without any, the one that takes longest. */
export function tightest(states: readonly RateState[]): RateState {
  const [first] = states.toSorted((a, b) => a.remaining - b.remaining || b.resetMs - a.resetMs);
  if (first === undefined) throw new RangeError("There is no rule to count against.");
  return first;
}

function slotMs({ windowMs }: RateRule): number {
  return windowMs / slotsPerWindow;
}

function sum(slots: Slots): number {
  let total = 0;
  for (const count of slots.values()) total += count;
  return total;
}
