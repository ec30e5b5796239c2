import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LimitsUnavailableError } from "../../services/access/index.ts";
import { createRedisRateLimiter } from "../../services/access/limits/redis-rate-limiter.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { describeRateLimiter } from "../conformance/rate-limiter.conformance.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestRedis } from "../support/redis.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

const commandTimeoutMs = 500;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const perHour = (max: number) => [{ name: "user_hour", max, windowMs: 3_600_000 }];

/** Slots in use and their counts. */
async function countsOf(key: string): Promise<[number, number][]> {
  const fields = Object.entries(await redis.hgetall(key)).map(([field, value]) => [Number(field), Number(value)]);
  return fields.filter((pair): pair is [number, number] => !Number.isNaN(pair[0]));
}

/** As though the slots in use had been counted so many later, or, with a number below 0, before. */
async function shift(key: string, slots: number): Promise<void> {
  const counts = await countsOf(key);
  if (counts.length === 0 || slots === 0) return;
  const [oldest, latest] = (await redis.hmget(key, "oldest", "latest")).map(Number) as [number, number];
  await redis.hdel(key, ...counts.map(([slot]) => String(slot)));
  const moved = counts.map(([slot, count]) => [slot + slots, count] as const);
  await redis.hset(key, Object.fromEntries([...moved, ["oldest", oldest + slots], ["latest", latest + slots]]));
}

let server: TestRedis;
let redis: Redis;
let other: Redis;
beforeAll(async () => {
  server = await TestRedis.start();
  redis = await connectRedis(server.url, { commandTimeoutMs });
  other = await connectRedis(server.url, { commandTimeoutMs });
});
afterAll(async () => {
  redis?.disconnect();
  other?.disconnect();
  await server?.[Symbol.asyncDispose]();
});

describeRateLimiter("Rate limiter in Redis", async () => ({ limiter: createRedisRateLimiter(redis), elapse: pause }));

describe("Rate limiter in Redis, several gateways", () => {
  it("lets no more through together than one would", async () => {
    await using one = createRedisRateLimiter(redis);
    await using two = createRedisRateLimiter(other);
    const states = await Promise.all(
      Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? one : two).take("user:shared", perHour(100))),
    );
    expect(states.filter(({ allowed }) => allowed)).toHaveLength(100);
  });

  it("answer one user together as often as one gateway would, and refuse the rest", async () => {
    const environment = { SEKTOR_USER_PER_HOUR: "50", SEKTOR_STREAMS_PER_USER: "0" };
    const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]), environment };
    const gateways = await Promise.all(
      [redis, other].map((connection) => buildTestGateway({ ...parts, limiter: createRedisRateLimiter(connection) })),
    );
    const payload = { message: "Merhaba", user_id: "ayşe" };
    const ask = (i: number) => gateways[i % 2]?.app.inject({ method: "POST", url: "/api/v1/chat", payload });
    const replies = await Promise.all(Array.from({ length: 120 }, (_, i) => ask(i)));
    const withStatus = (status: number) => replies.filter((reply) => reply?.statusCode === status).length;
    expect([withStatus(200), withStatus(429)]).toEqual([50, 70]);
    for (const { app } of gateways) await app.close();
  });

  it("share the places of a subject, and those of a gateway that died come free", async () => {
    const dead = createRedisRateLimiter(redis, { placeMs: 300 });
    await using living = createRedisRateLimiter(other, { placeMs: 300 });
    await dead.enter("user:places", 2);
    const own = await living.enter("user:places", 2);
    expect(own).toBeDefined();
    expect(await living.enter("user:places", 2)).toBeUndefined();
    // Places that are in use are renewed: three times their life later both are still taken.
    await pause(900);
    expect(await living.enter("user:places", 2)).toBeUndefined();
    // A death without a word: nothing renews, nothing is given back.
    await dead[Symbol.asyncDispose]();
    await redis.zadd("sektor:limit:{user:places}:places", Date.now() + 300, "of-a-dead-process");
    expect(await living.enter("user:places", 2)).toBeUndefined();
    await expect.poll(async () => (await living.enter("user:places", 2)) !== undefined, { timeout: 5000 }).toBe(true);
  });

  it("holds what it counted for one window and no longer when Redis' clock is set back", async () => {
    await using limiter = createRedisRateLimiter(redis);
    const rules = [{ name: "minute", max: 3, windowMs: 60_000 }];
    for (let n = 0; n < 3; n++) await limiter.take("user:back", rules);
    // As it looks when the clock that counted them was a day ahead.
    const key = "sektor:limit:{user:back}:minute";
    await shift(key, 86_400);
    const refused = await limiter.take("user:back", rules);
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused.resetMs).toBeLessThanOrEqual(61_000);
    expect((await countsOf(key)).map(([, count]) => count)).toEqual([3]);
  });

  it("begins anew when Redis' clock is set ahead by more than the window", async () => {
    await using limiter = createRedisRateLimiter(redis);
    const rules = [{ name: "minute", max: 1, windowMs: 60_000 }];
    await limiter.take("user:ahead", rules);
    await shift("sektor:limit:{user:ahead}:minute", -3_600);
    expect((await limiter.take("user:ahead", rules)).allowed).toBe(true);
    expect((await limiter.take("user:ahead", rules)).allowed).toBe(false);
  });

  it("keeps the sum of what is in the window, whatever time passes between two requests", async () => {
    await using limiter = createRedisRateLimiter(redis);
    const key = "sektor:limit:{user:times}:minute";
    const most = 8;
    let random = 7;
    const below = (n: number): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % n;
    };
    let refusals = 0;
    for (let n = 0; n < 400; n++) {
      // Now and then the clock goes back, now and then by more than a window ahead.
      await shift(key, [-below(4), -below(12), -below(80), below(3)][below(4)] ?? 0);
      const { allowed, remaining } = await limiter.take("user:times", [
        { name: "minute", max: most, windowMs: 60_000 },
      ]);
      if (!allowed) refusals++;
      const counts = await countsOf(key);
      const total = counts.reduce((sum, [, count]) => sum + count, 0);
      expect(await redis.hmget(key, "sum", "oldest"), `after ${n} requests`).toEqual([
        String(total),
        String(Math.min(...counts.map(([slot]) => slot))),
      ]);
      expect(remaining).toBe(most - total);
    }
    expect(refusals).toBeGreaterThan(20);
    expect(refusals).toBeLessThan(380);
  });

  it("frees the places of a gateway that died in their time, though Redis' clock was set back", async () => {
    await using limiter = createRedisRateLimiter(redis, { placeMs: 300 });
    await redis.zadd("sektor:limit:{user:clock}:places", Date.now() + 86_400_000, "of-a-dead-process");
    expect(await limiter.enter("user:clock", 1)).toBeUndefined();
    await expect.poll(async () => (await limiter.enter("user:clock", 1)) !== undefined, { timeout: 5000 }).toBe(true);
  });

  it("leaves nothing behind for ever", async () => {
    await using limiter = createRedisRateLimiter(redis);
    await limiter.take("user:brief", [{ name: "short", max: 1, windowMs: 200 }]);
    (await limiter.enter("user:brief", 1))?.();
    await expect.poll(() => redis.keys("sektor:limit:{user:brief}*")).toEqual([]);
  });

  it("says that it cannot count while Redis hangs or is gone, and counts on when it is back", async () => {
    await using limiter = createRedisRateLimiter(redis);
    await limiter.take("user:outage", perHour(2));
    server.freeze();
    await expect(limiter.take("user:outage", perHour(2))).rejects.toBeInstanceOf(LimitsUnavailableError);
    server.thaw();
    await server.kill();
    await expect(limiter.enter("user:outage", 1)).rejects.toBeInstanceOf(LimitsUnavailableError);
    await server.restart();
    await expect.poll(() => redis.ping().catch(() => ""), { timeout: 10_000 }).toBe("PONG");
    const rest = [await limiter.take("user:outage", perHour(3)), await limiter.take("user:outage", perHour(3))];
    // The frozen server may have counted the request whose answer came too late.
    expect(rest.map(({ remaining }) => remaining).at(-1)).toBe(0);
  });
});
