import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type EndpointRequest, type ScriptedEndpoint, startRunpodEndpoint } from "../support/runpod-endpoint.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function endpoint(): Promise<ScriptedEndpoint> {
  const started = await startRunpodEndpoint();
  closers.push(() => started.close());
  return started;
}

/** `sektor worker --runpod` as an image would start it, in the environment that the endpoint gives it. */
function startWorker({ urls }: ScriptedEndpoint, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "sektor-worker-"));
  const child = spawn(process.execPath, ["bin/sektor.js", "worker", "--runpod", ...args], {
    env: {
      ...process.env,
      SEKTOR_GPU: "off",
      SEKTOR_DATA: folder,
      RUNPOD_WEBHOOK_GET_JOB: urls.takeUrl,
      RUNPOD_WEBHOOK_POST_OUTPUT: urls.outputUrl,
      RUNPOD_WEBHOOK_POST_STREAM: urls.streamUrl,
      RUNPOD_WEBHOOK_PING: urls.pingUrl,
      RUNPOD_PING_INTERVAL: "200",
      RUNPOD_AI_API_KEY: "anahtar",
      RUNPOD_POD_ID: "pod-7",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  closers.push(async () => {
    child.kill("SIGTERM");
    await exit;
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, exit, output: () => output };
}

/** What the worker sends, unless it ends before. */
async function expected(worker: ReturnType<typeof startWorker>, request: Promise<EndpointRequest>) {
  const ended = worker.exit.then((code) => {
    throw new Error(`The worker ended with ${code}:\n${worker.output()}`);
  });
  return await Promise.race([request, ended]);
}

interface Outcome {
  readonly error?: string;
  readonly output: {
    readonly response: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly status: string;
    readonly sector: string | null;
    readonly worker: { readonly id: string; readonly cold_start_ms: number; readonly run_ms: number };
  };
}

const prompt = "Kredi kartı borcumu yapılandırmak istiyorum, ne yapmalıyım?";

describe("sektor worker --runpod", () => {
  it("answers jobs with the embedded model, streams, beats, and ends kindly at SIGTERM", async () => {
    const scripted = await endpoint();
    scripted.queue(
      { id: "a-u1", input: { prompt, max_new_tokens: 24, do_sample: false } },
      { id: "b-u1", input: { prompt: "" } },
    );
    const worker = startWorker(scripted, "--concurrency", "2");
    await expected(worker, scripted.request("outcome", 2));
    const outcomes = new Map(
      scripted.of("outcome").map(({ url, body }) => [url.pathname.split("/")[5], body as Outcome]),
    );
    const answered = outcomes.get("a-u1");
    expect(answered?.output).toMatchObject({ status: "success", sector: "finance_banking", worker: { id: "pod-7" } });
    expect(answered?.output.messages).toEqual([
      { role: "user", content: prompt },
      { role: "assistant", content: answered?.output.response },
    ]);
    expect(answered?.output.response).not.toBe("");
    expect(answered?.output.worker.cold_start_ms).toBeGreaterThan(0);
    expect(outcomes.get("b-u1")).toMatchObject({ output: { error_type: "empty_message", status: "error" } });
    const parts = scripted.of("part").map(({ body }) => (body as { output: string }).output);
    expect(parts.join("")).toBe(answered?.output.response);
    await expected(worker, scripted.request("ping", scripted.of("ping").length + 1));

    worker.child.kill("SIGTERM");
    expect(await worker.exit).toBe(0);
    expect(worker.output()).toContain('"event":"job-done"');
    expect(worker.output()).not.toContain("Kredi kartı");
    expect(worker.output()).not.toContain("anahtar");
  });

  it("finishes the job it has when SIGTERM comes, and takes no other", async () => {
    const scripted = await endpoint();
    const worker = startWorker(scripted);
    await expected(worker, scripted.request("take"));
    scripted.queue({ id: "a-u1", input: { prompt, max_new_tokens: 60, do_sample: false } });
    const release = scripted.hold("outcome");
    await expected(worker, scripted.request("part"));
    scripted.queue({ id: "b-u1", input: { prompt } });
    worker.child.kill("SIGTERM");
    await expect.poll(worker.output, { timeout: 20_000 }).toContain('"event":"worker-drains"');
    release();
    expect(await worker.exit).toBe(0);
    expect(scripted.of("outcome").map(({ url }) => url.pathname.split("/")[5])).toEqual(["a-u1"]);
    expect(scripted.of("outcome")[0]?.body).toMatchObject({ output: { status: "success" } });
  });

  it("ends by itself when no job comes", async () => {
    const worker = startWorker(await endpoint(), "--idle-exit", "1");
    expect(await worker.exit, worker.output()).toBe(0);
    expect(worker.output()).toContain('"why":"idle"');
  });

  it("does not start without an endpoint, and says what is missing", async () => {
    const scripted = await endpoint();
    const worker = startWorker({ ...scripted, urls: { ...scripted.urls, takeUrl: "" } });
    expect(await worker.exit).toBe(1);
    expect(worker.output()).toContain("worker_not_configured");
    expect(worker.output()).toContain("set RUNPOD_WEBHOOK_GET_JOB.");
  });
});
