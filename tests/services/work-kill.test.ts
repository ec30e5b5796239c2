import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Jobs, PayloadOf } from "../../services/jobs/index.ts";
import { openRedisQueues } from "../../services/jobs/redis/open-redis-queues.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { type EngineServer, startEngineServer } from "../support/engine-server.ts";
import { jobsOver } from "../support/jobs.ts";
import { TestPostgres } from "../support/postgres.ts";
import { TestRedis } from "../support/redis.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

const patienceMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), "sektor-work-"));
const run: PayloadOf<"serverless-run"> = {
  endpoint: "sektor",
  keyId: null,
  userId: null,
  sectors: null,
  input: { prompt: "Kira artışı nasıl hesaplanır?", sector: "real_estate" },
};
let redis: TestRedis;
let postgres: TestPostgres;
let engine: EngineServer;
let connection: Awaited<ReturnType<typeof connectRedis>>;
let jobs: Jobs;
const processes: ServeProcess[] = [];
let started = 0;
const opened: AsyncDisposable[] = [];
/** How long the engine takes for a word: as good as for ever, until a test says otherwise. */
const slowly = { firstTokenMs: 0, tokenMs: 600_000 };

beforeAll(async () => {
  [redis, postgres, engine] = await Promise.all([TestRedis.start(), TestPostgres.start(), startEngineServer(slowly)]);
  connection = await connectRedis(redis.url);
  const queues = openRedisQueues(connection);
  opened.push({ [Symbol.asyncDispose]: async () => connection.disconnect() }, queues);
  jobs = jobsOver(queues);
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill("SIGKILL");
  await connection.flushall();
});
afterAll(async () => {
  for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  await Promise.all([redis, postgres, engine].map((one) => one?.[Symbol.asyncDispose]()));
  rmSync(folder, { recursive: true, force: true });
});

async function startWork(environment: Readonly<Record<string, string>> = {}): Promise<ServeProcess> {
  const work = await startServe({
    program: "work",
    dataFolder: join(folder, String(++started)),
    environment: {
      SEKTOR_JOBS: "redis",
      SEKTOR_REDIS_URL: redis.url,
      SEKTOR_STORAGE: "postgres",
      SEKTOR_POSTGRES_URL: postgres.url,
      SEKTOR_STALLED_AFTER_MS: "1000",
      ...engine.environment,
      ...environment,
    },
  });
  processes.push(work);
  return work;
}

it("runs a job again, once, whose process was killed in the middle of it", async () => {
  const killed = await startWork();
  const id = await jobs.add("serverless-run", run);
  const first = await jobs.read(id, undefined, { waitMs: patienceMs });
  expect(first).toMatchObject({ restarted: false, chunks: [expect.any(String)] });
  await killed.kill("SIGKILL");
  engine.engine.follow({ reply: () => ["Tamam", "."] });
  await startWork();
  const job = await jobs.waitFor(id, patienceMs);
  expect(job).toMatchObject({ state: "completed", attempts: 2, result: { response: "Tamam.", status: "success" } });
  expect((await jobs.read(id, first?.cursor))?.restarted).toBe(true);
  expect((await jobs.counts("serverless-run")).completed).toBe(1);
});

it("gives a job up that ends whoever begins it, and does the others", async () => {
  const poisoned = await jobs.add("serverless-run", run);
  engine.engine.follow(slowly);
  const calls = (): number => engine.engine.calls.length;
  let deaths = 0;
  for (; deaths < 6; deaths++) {
    const before = calls();
    const work = await startWork();
    const state = async () => (await jobs.get(poisoned))?.state;
    await vi.waitFor(async () => expect((await state()) === "failed" || calls() > before).toBe(true), patienceMs);
    if ((await state()) === "failed") break;
    await work.kill("SIGKILL");
  }
  expect(deaths).toBe(3);
  expect(await jobs.get(poisoned)).toMatchObject({ state: "failed", error: { code: "job_stalled" } });
  engine.engine.follow({ reply: () => ["Tamam"] });
  const other = await jobs.add("serverless-run", run);
  expect(await jobs.waitFor(other, patienceMs)).toMatchObject({ state: "completed", result: { response: "Tamam" } });
}, 240_000);

it("does what it has begun before it ends, and leaves the rest to others", async () => {
  engine.engine.follow({ reply: () => ["Bir", " iki", " üç"], tokenMs: 300 });
  const work = await startWork({ SEKTOR_RUNS_AT_ONCE: "1" });
  const [begun, waiting] = [await jobs.add("serverless-run", run), await jobs.add("serverless-run", run)];
  await jobs.read(begun, undefined, { waitMs: patienceMs });
  expect(await work.stop()).toBe(0);
  expect(await jobs.get(begun)).toMatchObject({ state: "completed", result: { response: "Bir iki üç" } });
  expect(await jobs.get(waiting)).toMatchObject({ state: "waiting" });
});

it("gives back what it cannot finish in time, and the next one does it", async () => {
  engine.engine.follow(slowly);
  const work = await startWork({ SEKTOR_DRAIN_MS: "0" });
  const id = await jobs.add("serverless-run", run);
  await jobs.read(id, undefined, { waitMs: patienceMs });
  expect(await work.stop()).toBe(0);
  expect((await jobs.get(id))?.state).toBe("waiting");
  engine.engine.follow({ reply: () => ["Tamam"] });
  await startWork();
  expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "completed", result: { response: "Tamam" } });
});

it("plans the weekly report once, however many processes there are, and makes reports on demand", async () => {
  await Promise.all([startWork(), startWork(), startWork()]);
  const planned = await vi.waitFor(async () => {
    const { jobs: found } = await jobs.list({ name: "feedback-report", group: "delayed" });
    expect(found).toHaveLength(1);
    return found[0];
  }, patienceMs);
  expect(planned).toMatchObject({ state: "delayed", payload: { lastDays: 7 } });
  const report = await jobs.waitFor(await jobs.add("feedback-report", {}), patienceMs);
  expect(report).toMatchObject({ state: "completed", result: { report: { total: { count: 0 } } } });
});

it("tells Prometheus what it did and what waits", async () => {
  engine.engine.follow({ reply: () => ["Tamam"] });
  const work = await startWork();
  await jobs.waitFor(await jobs.add("serverless-run", run), patienceMs);
  await jobs.add("feedback-export", {}, { delayMs: 3_600_000 });
  const text = await (await fetch(`${work.url}/metrics`)).text();
  expect(text).toContain('sektor_job_attempts_total{name="serverless-run",outcome="completed"} 1');
  expect(text).toContain('sektor_jobs{name="feedback-export",state="delayed"} 1');
  expect(await (await fetch(`${work.url}/health/live`)).json()).toEqual({ status: "ok" });
});

it("refuses to work alone on what is not shared", async () => {
  const options = { program: "work", environment: { SEKTOR_JOBS: "embedded", ...engine.environment } } as const;
  await expect(startServe(options)).rejects.toThrow("work_needs_services");
});
