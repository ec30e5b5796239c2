import { expect, it } from "vitest";
import { LimitsUnavailableError, type RateLimiter } from "../../../services/access/index.ts";
import { withReserve } from "../../../services/access/limits/limiter-with-reserve.ts";
import { createMemoryRateLimiter } from "../../../services/access/limits/memory-rate-limiter.ts";
import { describeRateLimiter } from "../../conformance/rate-limiter.conformance.ts";
import { seededRandom } from "../../support/seeded-random.ts";

function atClock() {
  const clock = { nowMs: 12_345 };
  return { clock, limiter: createMemoryRateLimiter({ nowMs: () => clock.nowMs }) };
}

describeRateLimiter("Rate limiter in memory", async () => {
  const { clock, limiter } = atClock();
  return {
    limiter,
    elapse: async (ms) => {
      clock.nowMs += ms;
    },
  };
});

it("never lets more than the rule says into any window, wherever it begins, and wastes little of it", async () => {
  const { clock, limiter } = atClock();
  const random = seededRandom(7);
  const rule = { name: "minute", max: 50, windowMs: 60_000 };
  const passed: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    // Bursts and pauses.
    clock.nowMs += random() < 0.01 ? random() * 40_000 : random() * 60;
    if ((await limiter.take("x", [rule])).allowed) passed.push(clock.nowMs);
  }
  const inWindowFrom = (start: number) => passed.filter((at) => at >= start && at < start + rule.windowMs).length;
  const counts = passed.map(inWindowFrom);
  expect(Math.max(...counts)).toBe(rule.max);
});

it("frees a place at the time it tells", async () => {
  const { clock, limiter } = atClock();
  const rules = [{ name: "hour", max: 1, windowMs: 3_600_000 }];
  await limiter.take("x", rules);
  clock.nowMs += 1_000_000;
  const { resetMs } = await limiter.take("x", rules);
  clock.nowMs += resetMs - 1;
  expect((await limiter.take("x", rules)).allowed).toBe(false);
  clock.nowMs += 1;
  expect((await limiter.take("x", rules)).allowed).toBe(true);
});

it("remembers no more subjects than it is told, and those used last", async () => {
  const limiter = createMemoryRateLimiter({ nowMs: () => 0, mostCounted: 2 });
  const rules = [{ name: "hour", max: 1, windowMs: 3_600_000 }];
  for (const subject of ["a", "b", "a", "c"]) await limiter.take(subject, rules);
  expect((await limiter.take("a", rules)).allowed).toBe(false);
  expect((await limiter.take("b", rules)).allowed).toBe(true);
});

it("counts alone while the shared counts are away, and together again afterwards", async () => {
  const shared = createMemoryRateLimiter();
  const state = { away: true };
  const events: string[] = [];
  const log = (_facts: object, event: string) => void events.push(event);
  const flaky: RateLimiter = {
    ...shared,
    take: async (...question) => {
      if (state.away) throw new LimitsUnavailableError(new Error("gone"));
      return await shared.take(...question);
    },
    enter: async () => Promise.reject(new LimitsUnavailableError()),
  };
  const limiter = withReserve(flaky, createMemoryRateLimiter(), { debug: log, info: log, warn: log, error: log });
  const rules = [{ name: "hour", max: 2, windowMs: 3_600_000 }];
  const allowed = async () => (await limiter.take("x", rules)).allowed;
  expect([await allowed(), await allowed(), await allowed()]).toEqual([true, true, false]);
  expect(await limiter.enter("x", 1)).toBeDefined();
  expect(await limiter.enter("x", 1)).toBeUndefined();
  state.away = false;
  expect(await allowed()).toBe(true);
  expect(events).toEqual(["limits-counted-alone", "limits-shared-again"]);
});
