import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "../../services/storage/index.ts";
import { describeBatches } from "../conformance/batches.conformance.ts";
import { describeServerless } from "../conformance/serverless.conformance.ts";
import { describeWebhooks } from "../conformance/webhooks.conformance.ts";
import { openTestDatabase } from "../support/jobs.ts";
import { openRedisGround } from "../support/queue-ground.ts";
import { buildQueuedGateway, type QueuedGatewayOptions } from "../support/queued-gateway.ts";
import { TestRedis } from "../support/redis.ts";
import { RunClient } from "../support/run-client.ts";

let redis: TestRedis;
let database: Database & AsyncDisposable;
const opened: AsyncDisposable[] = [];
beforeAll(async () => {
  [redis, database] = await Promise.all([TestRedis.start(), openTestDatabase()]);
}, 120_000);
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const openGround = () => openRedisGround(redis.url, database);
describeServerless("Serverless jobs in Redis", openGround);
describeWebhooks("Webhooks out of Redis", openGround);
describeBatches("Batches through Redis", openGround);

describe("several gateways on one Redis", () => {
  const start = async (prefix: string, options: Partial<QueuedGatewayOptions> = {}) => {
    const ground = await openRedisGround(redis.url, database, prefix);
    opened.push(ground);
    const gateway = await buildQueuedGateway({ ...ground, ...options });
    opened.push(gateway);
    return { ...gateway, client: new RunClient(gateway.app) };
  };

  it("see each other's jobs, wherever they run", async () => {
    const prefix = `{test:${randomUUID()}}`;
    const script = { reply: () => ["bir", " iki", " üç"], tokenMs: 5 };
    const [asking, working] = [await start(prefix, { works: false }), await start(prefix, { script })];
    const id = await asking.client.run({ prompt: "Say" });
    expect(await working.client.ended(id)).toMatchObject({ status: "COMPLETED", output: { response: "bir iki üç" } });
    expect(await asking.client.ended(id)).toEqual(await working.client.ended(id));
    expect((await asking.client.get("/health")).body.workers.ready).toBe(4);
    const waited = await asking.client.post("/runsync?wait=15000", { input: { prompt: "Say" } });
    expect(waited.body).toMatchObject({ status: "COMPLETED", output: { response: "bir iki üç" } });
  });

  it("give each part of a stream once, whichever is asked", async () => {
    const prefix = `{test:${randomUUID()}}`;
    const words = Array.from({ length: 30 }, (_, at) => ` ${at}`);
    const gateways = [
      await start(prefix, { works: false }),
      await start(prefix, { script: { reply: () => words, tokenMs: 10 } }),
    ];
    const id = (await gateways[0]?.client.run({ prompt: "Say" })) ?? "";
    const said: string[] = [];
    for (let calls = 0, status = ""; status !== "COMPLETED"; calls++) {
      const { body } = (await gateways[calls % 2]?.client.get(`/stream/${id}`)) ?? {};
      said.push(...body.stream.map(({ output }: { output: string }) => output));
      status = body.status;
    }
    expect(said.join("")).toBe(words.join(""));
  });

  it("cancel each other's running jobs, and the engine stops", async () => {
    const prefix = `{test:${randomUUID()}}`;
    const [asking, working] = [
      await start(prefix, { works: false }),
      await start(prefix, { script: { firstTokenMs: 600_000 } }),
    ];
    const id = await asking.client.run({ prompt: "Say" });
    await vi.waitFor(() => expect(working.engine.active).toBe(1), 15_000);
    await asking.client.post(`/cancel/${id}`);
    await asking.client.until(id, "CANCELLED");
    expect(working.engine.calls).toMatchObject([{ outcome: "aborted" }]);
  });
});

// Last: it takes Redis away.
it("answers 503 while Redis is away, and goes on with what waited when it is back", async () => {
  const ground = await openRedisGround(redis.url, database);
  opened.push(ground);
  const gateway = await buildQueuedGateway({ ...ground, works: false });
  opened.push(gateway);
  const client = new RunClient(gateway.app);
  const id = await client.run({ prompt: "Hukuk" });
  await redis.kill();
  await vi.waitFor(async () => {
    const answers = [await client.post("/run", { input: { prompt: "Hukuk" } }), await client.get(`/status/${id}`)];
    for (const { status, body } of answers) {
      expect(status).toBe(503);
      expect(body.error.code).toBe("jobs_unavailable");
    }
  }, 15_000);
  await redis.restart();
  gateway.startWorkers();
  await vi.waitFor(async () => expect((await client.get(`/status/${id}`)).body.status).toBe("COMPLETED"), 30_000);
});
