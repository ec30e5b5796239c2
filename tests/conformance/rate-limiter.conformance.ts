import { describe, expect, it } from "vitest";
import type { GivePlace, RateLimiter, RateRule } from "../../services/access/index.ts";

export interface LimiterUnderTest {
  readonly limiter: RateLimiter;
  /** Lets time pass. */
  readonly elapse: (ms: number) => Promise<void>;
}

let subjects = 0;
const newSubject = () => `user:ğ {x} ${++subjects}`;
const rule = (name: string, max: number, windowMs: number): RateRule => ({ name, max, windowMs });

/** What every limiter keeps. */
export function describeRateLimiter(name: string, open: () => Promise<LimiterUnderTest>): void {
  describe(name, () => {
    const takeAll = async (
      { limiter }: LimiterUnderTest,
      subject: string,
      rules: readonly RateRule[],
      count: number,
    ) => {
      const allowed: boolean[] = [];
      for (let i = 0; i < count; i++) allowed.push((await limiter.take(subject, rules)).allowed);
      return allowed.filter(Boolean).length;
    };

    it("lets as many through as a rule says, and tells how many are left", async () => {
      const { limiter } = await open();
      const subject = newSubject();
      const hour = rule("hour", 3, 3_600_000);
      const states = [];
      for (let i = 0; i < 4; i++) states.push(await limiter.take(subject, [hour]));
      expect(states.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      for (const { resetMs } of states) {
        expect(resetMs).toBeGreaterThan(3_600_000 * 0.9);
        expect(resetMs).toBeLessThanOrEqual(3_600_000 * (1 + 1 / 60));
      }
    });

    it("counts every subject by itself", async () => {
      const test = await open();
      const rules = [rule("hour", 2, 3_600_000)];
      expect([await takeAll(test, newSubject(), rules, 3), await takeAll(test, newSubject(), rules, 3)]).toEqual([
        2, 2,
      ]);
    });

    it("lets others through again when the window has moved on, however often it refused meanwhile", async () => {
      const test = await open();
      const subject = newSubject();
      const rules = [rule("short", 5, 1200)];
      expect(await takeAll(test, subject, rules, 20)).toBe(5);
      await test.elapse(1300);
      expect(await takeAll(test, subject, rules, 20)).toBe(5);
    });

    it("counts against no rule what one rule refuses", async () => {
      const test = await open();
      const subject = newSubject();
      const [short, long] = [rule("short", 2, 1200), rule("long", 5, 3_600_000)];
      expect(await takeAll(test, subject, [short, long], 10)).toBe(2);
      await test.elapse(1300);
      expect(await takeAll(test, subject, [short, long], 10)).toBe(2);
      await test.elapse(1300);
      expect(await takeAll(test, subject, [short, long], 10)).toBe(1);
      const { rule: broken, remaining } = await test.limiter.take(subject, [short, long]);
      expect([broken.name, remaining]).toEqual(["long", 0]);
    });

    it("tells the rule with least room", async () => {
      const { limiter } = await open();
      const state = await limiter.take(newSubject(), [rule("wide", 100, 3_600_000), rule("narrow", 3, 86_400_000)]);
      expect(state).toMatchObject({ allowed: true, remaining: 2, rule: { name: "narrow" } });
    });

    it("lets exactly as many through when all come at once", async () => {
      const { limiter } = await open();
      const subject = newSubject();
      const rules = [rule("hour", 40, 3_600_000)];
      const states = await Promise.all(Array.from({ length: 200 }, () => limiter.take(subject, rules)));
      expect(states.filter(({ allowed }) => allowed)).toHaveLength(40);
    });

    it("has as many places at the same time as it is told, and a place given back is free", async () => {
      const { limiter } = await open();
      const subject = newSubject();
      const places = await Promise.all(Array.from({ length: 5 }, () => limiter.enter(subject, 3)));
      const taken = places.filter((place): place is GivePlace => place !== undefined);
      expect(taken).toHaveLength(3);
      taken[0]?.();
      taken[0]?.();
      await expect.poll(async () => (await limiter.enter(subject, 3)) !== undefined).toBe(true);
      expect(await limiter.enter(subject, 3)).toBeUndefined();
      expect(await limiter.enter(newSubject(), 1)).toBeDefined();
    });
  });
}
