import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { createRedisSessionStore } from "../../services/sessions/redis-session-store.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestRedis } from "../support/redis.ts";
import { promptText } from "../support/scripted-reply.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

type Gateway = Awaited<ReturnType<typeof buildTestGateway>>;

let server: TestRedis;
const connections: Redis[] = [];
const gateways: Gateway[] = [];
beforeAll(async () => {
  server = await TestRedis.start();
});
afterEach(async () => {
  for (const { app } of gateways.splice(0)) await app.close();
  for (const connection of connections.splice(0)) connection.disconnect();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** A gateway as it would run beside others: its own connection, the shared sessions. */
async function openGateway(): Promise<Gateway> {
  const redis = await connectRedis(server.url, { commandTimeoutMs: 500 });
  connections.push(redis);
  const gateway = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    newId: randomUUID,
    sessions: createRedisSessionStore(redis, { ttlS: 60, maxMessages: 200 }),
    script: { tokenMs: 10, reply: () => ["bir", " iki"] },
  });
  gateways.push(gateway);
  return gateway;
}

const post = ({ app }: Gateway, url: string, payload: object) => app.inject({ method: "POST", url, payload });
const chat = (gateway: Gateway, message: string, session_id?: string) =>
  post(gateway, "/api/v1/chat", { message, ...(session_id === undefined ? {} : { session_id }) });
const completion = (gateway: Gateway, content: string, session_id?: string) =>
  post(gateway, "/v1/chat/completions", { messages: [{ role: "user", content }], session_id });

it("two gateways go on with one conversation, turn after turn, whichever way each turn comes in", async () => {
  const [one, two] = [await openGateway(), await openGateway()];
  const replies = await Promise.all([
    chat(one, "soru-a", "shared"),
    completion(two, "soru-b", "shared"),
    chat(two, "soru-c", "shared"),
    completion(one, "soru-d", "shared"),
  ]);
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  const prompts = [...one.engine.calls, ...two.engine.calls].map(({ request }) => promptText(request));
  const known = prompts.map((prompt) => prompt.match(/soru-[a-d]/g)?.length ?? 0);
  expect(known.toSorted()).toEqual([1, 2, 3, 4]);
});

it("while Redis is away conversations answer 503 and what needs none goes on; when it is back all goes on", async () => {
  const gateway = await openGateway();
  const first = (await chat(gateway, "önce")).json().data;
  await server.kill();
  try {
    const withSession = [
      await chat(gateway, "sırasında", first.session_id),
      await completion(gateway, "sırasında", first.session_id),
      await gateway.app.inject(`/v1/sessions/${first.session_id}`),
    ];
    for (const reply of withSession) {
      const body = reply.json();
      expect([reply.statusCode, body.code ?? body.error.code]).toEqual([503, "sessions_unavailable"]);
      expect(reply.headers["retry-after"]).toBe("2");
    }
    const plain = await chat(gateway, "oturumsuz");
    expect([plain.statusCode, plain.json().data]).toMatchObject([200, { response: "bir iki", session_id: null }]);
    expect((await completion(gateway, "oturumsuz")).statusCode).toBe(200);
    expect((await post(gateway, "/rag", { query: "oturumsuz" })).statusCode).toBe(200);
  } finally {
    await server.restart();
  }
  await expect
    .poll(async () => (await chat(gateway, "sonra", first.session_id)).statusCode, { timeout: 20_000 })
    .toBe(200);
  const { messages } = (await gateway.app.inject(`/v1/sessions/${first.session_id}`)).json();
  expect(messages.map(({ content }: { content: string }) => content)).toEqual(["önce", "bir iki", "sonra", "bir iki"]);
});
