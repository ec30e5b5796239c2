import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createRedisRateLimiter } from "../../services/access/limits/redis-rate-limiter.ts";
import { createMemoryApiKeyStore } from "../../services/access/memory-api-key-store.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestRedis } from "../support/redis.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

let server: TestRedis;
let connections: readonly Redis[] = [];
beforeAll(async () => {
  server = await TestRedis.start();
  connections = await Promise.all([connectRedis(server.url), connectRedis(server.url)]);
});
afterAll(async () => {
  for (const connection of connections) connection.disconnect();
  await server?.[Symbol.asyncDispose]();
});

const keys = Array.from({ length: 200 }, (_, n) => `anahtar-${n}`);
const greedy = keys[0] ?? "";
/** What each key's user may ask for in an hour. */
const due = 20;

it("gives each of 200 keys exactly its due at two gateways together, whoever else asks for more", async () => {
  const environmentSha256 = keys.map((key) => createHash("sha256").update(key).digest("hex"));
  const gateways = await Promise.all(
    connections.map((redis) =>
      buildTestGateway({
        sectors: sectorsWith(),
        router: wordRouter(),
        knowledge: createMemoryKnowledge([]),
        apiKeys: createApiKeys({ store: createMemoryApiKeyStore(), environmentSha256 }),
        limiter: createRedisRateLimiter(redis),
        environment: { SEKTOR_USER_PER_HOUR: String(due), SEKTOR_KEY_PER_MINUTE: "0", SEKTOR_REQUESTS_PER_MINUTE: "0" },
      }),
    ),
  );
  const served = new Map<string, number>();
  const refused = new Map<string, number>();
  const ask = async (key: string, n: number): Promise<void> => {
    const headers = { authorization: `Bearer ${key}` };
    // The same name under each key: another user under each.
    const payload = { text: "legal", user_id: "ayşe" };
    const reply = await gateways[n % 2]?.app.inject({ method: "POST", url: "/v1/classify", payload, headers });
    const counted = reply?.statusCode === 200 ? served : refused;
    counted.set(key, (counted.get(key) ?? 0) + 1);
    if (reply?.statusCode !== 200)
      expect([reply?.statusCode, reply?.json().error.code]).toEqual([429, "rate_limit_exceeded"]);
  };
  // A second's worth of everybody, then another; the greedy key before everyone else each time.
  for (let second = 0; second < 2; second++) {
    for (let burst = 0; burst < due; burst++) {
      const all = [...Array<string>(due).fill(greedy), ...keys];
      await Promise.all(all.map((key, n) => ask(key, n + burst)));
    }
  }
  expect(new Set(served.values())).toEqual(new Set([due]));
  expect(served.size).toBe(200);
  expect(refused.get(greedy)).toBe(2 * due * (due + 1) - due);
  for (const key of keys.slice(1)) expect(refused.get(key)).toBe(due);
  for (const { app } of gateways) await app.close();
});

it("lets 200 keys in that come all at once, twenty times each, to gateways that have just started", async () => {
  const store = createMemoryApiKeyStore();
  const issuing = createApiKeys({ store });
  const facts = { scopes: ["chat"], sectors: null, expiresAt: null } as const;
  const issued: string[] = [];
  for (const name of keys) issued.push((await issuing.create({ ...facts, name, userId: name })).text);
  const urls: string[] = [];
  const gateways = await Promise.all(
    connections.map((redis) =>
      buildTestGateway({
        sectors: sectorsWith(),
        router: wordRouter(),
        knowledge: createMemoryKnowledge([]),
        apiKeys: createApiKeys({ store }),
        limiter: createRedisRateLimiter(redis),
        environment: { SEKTOR_USER_PER_HOUR: String(due), SEKTOR_REQUESTS_PER_MINUTE: "0" },
      }),
    ),
  );
  for (const { app } of gateways) urls.push(await app.listen({ host: "127.0.0.1", port: 0 }));
  const ask = async (key: string, n: number): Promise<number> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const body = JSON.stringify({ text: "legal" });
    const reply = await fetch(`${urls[n % 2]}/v1/classify`, { method: "POST", headers, body });
    await reply.arrayBuffer();
    return reply.status;
  };
  const statuses: number[] = [];
  for (let burst = 0; burst < due; burst++)
    statuses.push(...(await Promise.all(issued.map((key, n) => ask(key, n + burst)))));
  // Each at most as often as its user may, and nobody turned away for want of a check.
  expect(statuses).toEqual(Array(200 * due).fill(200));
  expect(await Promise.all(issued.map((key) => ask(key, 0)))).toEqual(Array(200).fill(429));
  for (const { app } of gateways) await app.close();
}, 300_000);
