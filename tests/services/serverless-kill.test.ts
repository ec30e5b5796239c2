import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { json } from "../support/json.ts";
import { startScriptedEngine } from "../support/scripted-engine-server.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";
import { answersIn, requestFile } from "../unit/batch/batch-parts.ts";

const waiting = { timeout: 60_000, interval: 50 };
const dataFolder = mkdtempSync(join(tmpdir(), "sektor-kill-"));
let engine: Awaited<ReturnType<typeof startScriptedEngine>>;
let serve: ServeProcess | undefined;

beforeAll(async () => {
  engine = await startScriptedEngine({});
});
afterEach(async () => {
  await serve?.stop();
  serve = undefined;
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function start(): Promise<ServeProcess> {
  serve = await startServe({
    dataFolder,
    environment: {
      SEKTOR_ENGINE: "sektor",
      SEKTOR_ENGINE_URL: engine.url,
      SEKTOR_REQUESTS_PER_MINUTE: "0",
      SEKTOR_WEBHOOK_ALLOW_HTTP: "true",
      SEKTOR_WEBHOOK_PRIVATE_NETWORKS: "127.0.0.1",
    },
  });
  return serve;
}

it("runs a job that kill −9 cut short again, under its id, and tells its webhook", async () => {
  await using receiver = await WebhookReceiver.start();
  engine.engine.follow({ reply: () => ["geç"], firstTokenMs: 600_000 });
  const first = await start();
  const response = await fetch(`${first.url}/v2/sektor/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: { prompt: "Kira sözleşmesi" }, webhook: receiver.url }),
  });
  const { id } = await json(response);
  await vi.waitFor(() => expect(engine.engine.active).toBe(1), waiting);
  await first.kill("SIGKILL");
  engine.engine.forgetCalls();
  engine.engine.follow({ reply: () => ["Tamam."] });

  const { url } = await start();
  const status = async () => await json(await fetch(`${url}/v2/sektor/status/${id}`));
  await vi.waitFor(async () => expect((await status()).status).toBe("COMPLETED"), waiting);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), waiting);
  expect(JSON.parse(receiver.received[0]?.body ?? "")).toEqual(await status());
  expect(engine.engine.calls).toMatchObject([{ said: "Tamam.", outcome: "ended" }]);
});

it("goes on with a batch that kill −9 cut short, and answers no line twice", async () => {
  engine.engine.forgetCalls();
  engine.engine.follow({ reply: () => ["Ya", "nıt"], tokenMs: 20 });
  const first = await start();
  const clientOf = ({ url }: ServeProcess) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
  const lines = Array.from({ length: 60 }, (_, at) => `Soru ${at}`);
  const file = await toFile(Buffer.from(requestFile(lines)), "in.jsonl");
  const { id: input_file_id } = await clientOf(first).files.create({ file, purpose: "batch" });
  const wanted = { input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
  const { id } = await clientOf(first).batches.create(wanted);
  const before = await vi.waitFor(async () => {
    const { request_counts: counts } = await clientOf(first).batches.retrieve(id);
    expect(counts?.completed).toBeGreaterThan(5);
    return counts?.completed ?? 0;
  }, waiting);
  await first.kill("SIGKILL");
  expect(before).toBeLessThan(60);

  const client = clientOf(await start());
  const done = await vi.waitFor(async () => {
    const batch = await client.batches.retrieve(id);
    expect(batch.status).toBe("completed");
    return batch;
  }, waiting);
  expect(done.request_counts).toEqual({ total: 60, completed: 60, failed: 0 });
  expect(done.error_file_id).toBeUndefined();
  const answers = answersIn(await (await client.files.content(done.output_file_id ?? "")).text());
  expect(Object.keys(answers)).toEqual(lines.map((_, at) => `r${at + 1}`));
  // Only what was under way when it was killed is asked again.
  expect(engine.engine.calls.length).toBeLessThanOrEqual(62);
});
