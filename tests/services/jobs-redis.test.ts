import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import { JobsUnavailableError } from "../../services/jobs/index.ts";
import { openRedisQueues } from "../../services/jobs/redis/open-redis-queues.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { describeJobs } from "../conformance/jobs.conformance.ts";
import { deferred } from "../support/deferred.ts";
import { jobsOver, startTestWorkers } from "../support/jobs.ts";
import { TestRedis } from "../support/redis.ts";

const patienceMs = 30_000;
const call = { jobId: "serverless-run.a", url: "https://example.org/" };
let redis: TestRedis;
const opened: AsyncDisposable[] = [];
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

function newPrefix(): string {
  return `{test:${randomUUID()}}`;
}

/** As one process of many sees the queue. */
async function openQueues(prefix: string): Promise<QueueBackend> {
  const connection = await connectRedis(redis.url);
  opened.push({ [Symbol.asyncDispose]: async () => connection.disconnect() });
  return openRedisQueues(connection, prefix);
}

async function openOwnQueues(prefix: string): Promise<QueueBackend> {
  const backend = await openQueues(prefix);
  opened.push(backend);
  return backend;
}

describeJobs("jobs in Redis", () => openQueues(newPrefix()));

it("shows every process the same jobs, what they say, and that they are cancelled", async () => {
  const prefix = newPrefix();
  const [working, asking] = [await openOwnQueues(prefix), jobsOver(await openOwnQueues(prefix))];
  const started = deferred();
  opened.push(
    startTestWorkers(working, {
      webhook: {
        run: async (_payload, { emit, signal }) => {
          await emit("Merhaba");
          started.resolve();
          return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
        },
      },
    }),
  );
  const id = await asking.add("webhook", call);
  expect((await asking.read(id, undefined, { waitMs: patienceMs }))?.chunks).toEqual(["Merhaba"]);
  await started.promise;
  await asking.cancel(id);
  expect((await asking.waitFor(id, patienceMs))?.state).toBe("cancelled");
});

it("makes a dead letter of what is not even JSON, shows it, and goes on with the next", async () => {
  const prefix = newPrefix();
  const backend = await openOwnQueues(prefix);
  const jobs = jobsOver(backend);
  const broken = await jobs.add("webhook", call);
  const connection = await connectRedis(redis.url);
  await connection.hset(`${prefix}:webhook:${broken.slice("webhook.".length)}`, "data", "{broken");
  connection.disconnect();
  opened.push(startTestWorkers(backend, { webhook: { run: async () => ({ status: 200 }) } }));
  expect((await jobs.waitFor(await jobs.add("webhook", call), patienceMs))?.state).toBe("completed");
  expect(await jobs.waitFor(broken, patienceMs)).toMatchObject({
    state: "failed",
    payload: null,
    error: { code: "job_malformed" },
  });
  expect((await jobs.list({ name: "webhook", group: "failed" })).jobs).toHaveLength(1);
});

it("refuses at once while Redis is away, and goes on by itself when it is back", async () => {
  const backend = await openOwnQueues(newPrefix());
  const jobs = jobsOver(backend);
  const runs: string[] = [];
  const [started, goOn] = [deferred(), deferred()];
  opened.push(
    startTestWorkers(backend, {
      webhook: {
        run: async ({ jobId }, { emit }) => {
          runs.push(jobId);
          started.resolve();
          await goOn.promise;
          await emit("said while Redis was away");
          return { status: 200 };
        },
      },
    }),
  );
  const before = await jobs.add("webhook", { ...call, jobId: "before" });
  await started.promise;
  await redis.kill();
  await vi.waitFor(() => expect(jobs.get(before)).rejects.toThrow(JobsUnavailableError), patienceMs);
  await expect(jobs.add("webhook", { ...call, jobId: "refused" })).rejects.toThrow(JobsUnavailableError);
  goOn.resolve();
  await redis.restart();
  const after = await vi.waitFor(() => jobs.add("webhook", { ...call, jobId: "after" }), patienceMs);
  expect(await jobs.waitFor(after, patienceMs)).toMatchObject({ state: "completed" });
  expect(await jobs.waitFor(before, patienceMs)).toMatchObject({ state: "completed", attempts: 1 });
  expect((await jobs.read(before))?.chunks).toEqual(["said while Redis was away"]);
  expect([...runs].sort()).toEqual(["after", "before"]);
});

it("refuses within seconds while Redis hangs, and goes on when it answers again", async () => {
  const backend = await openOwnQueues(newPrefix());
  const jobs = jobsOver(backend);
  opened.push(startTestWorkers(backend, { webhook: { run: async () => ({ status: 200 }) } }));
  await jobs.waitFor(await jobs.add("webhook", call), patienceMs);
  redis.freeze();
  try {
    await expect(jobs.add("webhook", call)).rejects.toThrow(JobsUnavailableError);
    await expect(jobs.counts("webhook")).rejects.toThrow(JobsUnavailableError);
  } finally {
    redis.thaw();
  }
  const id = await vi.waitFor(() => jobs.add("webhook", call), patienceMs);
  expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
});

it("starts without Redis, and finds it when it comes", async () => {
  await redis.kill();
  const backend = await openOwnQueues(newPrefix());
  const jobs = jobsOver(backend);
  opened.push(startTestWorkers(backend, { webhook: { run: async () => ({ status: 200 }) } }));
  await expect(jobs.counts("webhook")).rejects.toThrow(JobsUnavailableError);
  await redis.restart();
  const id = await vi.waitFor(() => jobs.add("webhook", call), patienceMs);
  expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
});
