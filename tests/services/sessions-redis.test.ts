import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type SessionMessage, type SessionStore, SessionsUnavailableError } from "../../services/sessions/index.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { createRedisSessionStore } from "../../services/sessions/redis-session-store.ts";
import { describeSessionStore } from "../conformance/session-store.conformance.ts";
import { TestRedis } from "../support/redis.ts";

const limits = { ttlS: 60, maxMessages: 200 };
const commandTimeoutMs = 500;
const said = (content: string): SessionMessage => ({
  id: content,
  role: "user",
  content,
  at: "2026-01-01T00:00:00.000Z",
});
const turn = (content: string) => ({ sector: "energy", messages: [said(content)] });
const contents = async (store: SessionStore, id: string) =>
  (await store.load(id))?.messages.map(({ content }) => content);

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await TestRedis.start();
  redis = await connectRedis(server.url, { commandTimeoutMs });
});
afterAll(async () => {
  redis?.disconnect();
  await server?.[Symbol.asyncDispose]();
});

describeSessionStore("Redis session store", async (options) => ({
  store: createRedisSessionStore(redis, options),
  elapse: async (ms) => {
    for (const key of await redis.keys("*")) await redis.pexpire(key, Math.max(0, (await redis.pttl(key)) - ms));
  },
}));

describe("Redis session store, several processes", () => {
  it("runs the turns of one session one after another though they come through two stores", async () => {
    const other = await connectRedis(server.url, { commandTimeoutMs });
    const stores = [createRedisSessionStore(redis, limits), createRedisSessionStore(other, limits)];
    let running = 0;
    let most = 0;
    const one = (store: SessionStore, place: number) =>
      store.withTurn("shared", async () => {
        running += 1;
        most = Math.max(most, running);
        await store.append("shared", turn(`${place}`));
        await new Promise((resolve) => setTimeout(resolve, 10));
        running -= 1;
      });
    await Promise.all(Array.from({ length: 10 }, (_, place) => one(stores[place % 2] as SessionStore, place)));
    expect(most).toBe(1);
    expect(await contents(stores[0] as SessionStore, "shared")).toHaveLength(10);
    other.disconnect();
  });

  it("holds a turn's lock for as long as the turn takes", async () => {
    const store = createRedisSessionStore(redis, { ...limits, turnLockMs: 300 });
    const rival = createRedisSessionStore(redis, { ...limits, turnWaitMs: 50 });
    await store.withTurn("long", async () => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      await expect(rival.withTurn("long", async () => 1)).rejects.toMatchObject({ code: "session_busy" });
    });
    expect(await rival.withTurn("long", async () => 2)).toBe(2);
  });

  it("frees the turn of a process that died after its lock's time", async () => {
    await redis.set("sektor:session:{orphan}:turn", "a process that is no more", "PX", 200);
    const store = createRedisSessionStore(redis, limits);
    expect(await store.withTurn("orphan", async () => 1)).toBe(1);
  });

  it("lets Redis itself forget a session, list and facts together", async () => {
    const store = createRedisSessionStore(redis, { ...limits, ttlS: 1, keyPrefix: "short:" });
    await store.append("brief", turn("1"));
    await vi.waitFor(async () => expect(await redis.keys("short:*")).toEqual([]), { timeout: 20_000, interval: 100 });
    expect(await store.load("brief")).toBeUndefined();
  });
});

describe("Redis session store, Redis in trouble", () => {
  it.each([
    ["killed", () => server.kill(), () => server.restart()],
    ["frozen", async () => server.freeze(), async () => server.thaw()],
  ])("says so while Redis is %s, and goes on when it is back, with nothing lost", async (what, takeAway, bringBack) => {
    const store = createRedisSessionStore(redis, limits);
    await store.append(what, turn("önce"));
    await takeAway();
    try {
      const refused = { code: "sessions_unavailable", status: 503, retryAfterS: 2 };
      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(store.load(what)).rejects.toMatchObject(refused);
        await expect(store.append(what, turn("sırasında"))).rejects.toThrow(SessionsUnavailableError);
        await expect(store.delete(`${what}2`)).rejects.toThrow(SessionsUnavailableError);
        await expect(store.withTurn(what, async () => "never")).rejects.toThrow(SessionsUnavailableError);
      }
    } finally {
      await bringBack();
    }
    await vi.waitFor(() => store.append(what, turn("sonra")), { timeout: 30_000, interval: 100 });
    const kept = await contents(store, what);
    expect(kept?.[0]).toBe("önce");
    expect(kept?.at(-1)).toBe("sonra");
    expect(await store.withTurn(what, async () => "served")).toBe("served");
  });

  it("lets no commands pile up while Redis does not answer", async () => {
    const store = createRedisSessionStore(redis, limits);
    server.freeze();
    try {
      await expect(store.load("queue")).rejects.toThrow(SessionsUnavailableError);
      await vi.waitFor(() => expect(redis.status).not.toBe("ready"), { timeout: 10_000 });
      const refusals = await Promise.allSettled(Array.from({ length: 1000 }, () => store.load("queue")));
      expect(refusals.every(({ status }) => status === "rejected")).toBe(true);
      const waiting = redis as unknown as { commandQueue: { length: number }; offlineQueue: { length: number } };
      expect(waiting.commandQueue.length + waiting.offlineQueue.length).toBeLessThan(5);
    } finally {
      server.thaw();
    }
    await vi.waitFor(() => store.load("queue"), { timeout: 30_000, interval: 100 });
  });

  it("starts without Redis and finds it later", async () => {
    await using late = await TestRedis.start();
    await late.kill();
    const connection = await connectRedis(late.url, { commandTimeoutMs });
    const store = createRedisSessionStore(connection, limits);
    await expect(store.load("late")).rejects.toThrow(SessionsUnavailableError);
    await late.restart();
    await vi.waitFor(() => store.append("late", turn("1")), { timeout: 30_000, interval: 100 });
    expect(await contents(store, "late")).toEqual(["1"]);
    connection.disconnect();
  });

  it("keeps nothing of a turn Redis has no memory for", async () => {
    const store = createRedisSessionStore(redis, limits);
    await store.append("full", turn("1"));
    await redis.config("SET", "maxmemory", "1");
    try {
      await expect(store.append("full", turn("2"))).rejects.toThrow(SessionsUnavailableError);
    } finally {
      await redis.config("SET", "maxmemory", "0");
    }
    expect(await contents(store, "full")).toEqual(["1"]);
  });
});
