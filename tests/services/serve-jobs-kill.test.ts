import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { type EngineServer, startEngineServer } from "../support/engine-server.ts";
import { json } from "../support/json.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

const patienceMs = 60_000;
const dataFolder = mkdtempSync(join(tmpdir(), "sektor-serve-jobs-"));
let engine: EngineServer;
let serve: ServeProcess | undefined;
beforeAll(async () => {
  engine = await startEngineServer({ reply: () => ["Bir", " iki"], firstTokenMs: 0, tokenMs: 600_000 });
});
afterEach(async () => {
  await serve?.stop();
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  serve = await startServe({ environment: engine.environment, dataFolder });
}

async function ask(method: "GET" | "POST", path: string, body?: object) {
  const options = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return await json(await fetch(`${serve?.url}${path}`, body === undefined ? { method } : options));
}

it("does every job once to its end when serve is killed in the middle of one, without a queue beside it", async () => {
  await start();
  const run = () => ask("POST", "/v2/sektor/run", { input: { prompt: "Merhaba", sector: "legal" } });
  const { id } = await run();
  await vi.waitFor(async () => {
    const { stream } = await ask("GET", `/v2/sektor/stream/${id}`);
    expect(stream).toEqual([{ output: expect.stringContaining("Bir") }]);
  }, patienceMs);
  const later = await ask("POST", "/v1/jobs", { name: "feedback-report" });
  await serve?.kill("SIGKILL");
  engine.engine.follow({ reply: () => ["Tamam"] });
  await start();
  const ended = await vi.waitFor(async () => {
    const status = await ask("GET", `/v2/sektor/status/${id}`);
    expect(status.status).toBe("COMPLETED");
    return status;
  }, patienceMs);
  expect(ended.output.response).toBe("Tamam");
  await vi.waitFor(async () => expect((await ask("GET", `/v1/jobs/${later.id}`)).state).toBe("completed"), patienceMs);
  const { counts } = await ask("GET", "/v1/jobs");
  expect(counts["serverless-run"]).toEqual({ waiting: 0, delayed: 0, running: 0, completed: 1, failed: 0 });
  expect(counts["feedback-report"]).toEqual({ waiting: 0, delayed: 1, running: 0, completed: 1, failed: 0 });
});
