import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../services/foundation/index.ts";
import { type RunJob, readRunInput } from "../../../services/serverless/index.ts";
import { heldJobs, job, outputOf, promptOf, startWorker, testEndpoint } from "./test-worker.ts";

describe("a worker and its jobs", () => {
  it("takes a job under its id and with its key, and posts what the handler answers", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("is-1", "merhaba"));
    startWorker(endpoint, { stream: false });
    const { url, headers, body } = await endpoint.request("outcome");
    expect(`${url.pathname}${url.search}`).toBe("/v2/endpoint/job-done/i%C5%9F%C3%A7i%201/is-1?gpu=cpu&isStream=false");
    expect(headers).toMatchObject({ authorization: "anahtar", "x-request-id": "is-1" });
    expect(body).toMatchObject({ output: { response: "MERHABA", status: "success" } });
    const [taken] = endpoint.of("take");
    expect(taken?.url.pathname).toBe("/v2/endpoint/job-take/i%C5%9F%C3%A7i%201");
    expect(taken?.headers.authorization).toBe("anahtar");
  });

  it("says with every outcome how long its start and the job took", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"), job("b"));
    let ms = 4_200;
    startWorker(endpoint, {
      nowMs: () => ms,
      runJob: async () => {
        ms += 300;
        return outputOf("tamam");
      },
    });
    await endpoint.request("outcome", 2);
    expect(endpoint.of("outcome").map(({ body }) => (body as { output: { worker: object } }).output.worker)).toEqual([
      { id: "işçi 1", cold_start_ms: 4200, run_ms: 300 },
      { id: "işçi 1", cold_start_ms: 4200, run_ms: 300 },
    ]);
  });

  it("asks for as many jobs as it has places, and says whether it has any", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"), job("b"));
    startWorker(endpoint, { runJob: held.runJob, limits: { concurrency: 3 } });
    await held.started("b");
    await endpoint.request("take", 2);
    const asked = endpoint.of("take").map(({ url }) => `${url.pathname.split("/")[3]}${url.search}`);
    expect(asked.slice(0, 2)).toEqual([
      "job-take-batch?gpu=cpu&batch_size=3&job_in_progress=0",
      "job-take?gpu=cpu&job_in_progress=1",
    ]);
    for (const id of ["a", "b"]) held.finish(id);
    await endpoint.request("outcome", 2);
  });

  it("runs no more at once than it may, however many are handed out", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    const ids = ["a", "b", "c", "d", "e"];
    endpoint.answer("take", { status: 200, body: JSON.stringify(ids.map((id) => job(id))) });
    startWorker(endpoint, { runJob: held.runJob, limits: { concurrency: 2 } });
    for (const id of ids) {
      await held.started(id);
      held.finish(id);
    }
    await endpoint.request("outcome", ids.length);
    expect(held.begun).toEqual(ids);
    expect(held.most()).toBe(2);
  });

  it("asks for nothing while all its places are taken", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"));
    startWorker(endpoint, { runJob: held.runJob });
    await endpoint.request("ping", 5);
    expect(endpoint.of("take")).toHaveLength(1);
    await held.started("a");
    held.finish("a");
    await endpoint.request("take", 2);
  });

  it("names its jobs in its heartbeats, those that wait too", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    const release = endpoint.hold("ping");
    startWorker(endpoint, { runJob: held.runJob });
    await endpoint.request("ping");
    endpoint.answer("take", { status: 200, body: JSON.stringify([job("a"), job("b")]) });
    await held.started("a");
    release();
    const [first, second] = [endpoint.of("ping")[0], await endpoint.request("ping", 2)];
    expect(first?.url.searchParams.get("job_id")).toBeNull();
    expect(second.url.searchParams.get("job_id")).toBe("a,b");
    expect(second.url.pathname).toBe("/v2/endpoint/ping/i%C5%9F%C3%A7i%201");
    expect(second.headers.authorization).toBe("anahtar");
  });

  it("sends no heartbeats to an endpoint that has no place for them", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"));
    const worker = startWorker(endpoint, { urls: { pingUrl: "" } });
    await endpoint.request("outcome");
    await worker.close();
    expect(endpoint.of("ping")).toEqual([]);
  });

  it("answers a job whose input cannot be used with what is wrong with it", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue({ id: "a" }, job("b"));
    const runJob: RunJob = async (call) => outputOf(readRunInput(call.input).prompt);
    startWorker(endpoint, { runJob });
    const { body } = await endpoint.request("outcome");
    const { error, output } = body as { readonly error: string; readonly output: object };
    expect(output).toMatchObject({ error_type: "invalid_request", status: "error" });
    expect(JSON.parse(error)).toEqual({
      error_type: "invalid_request",
      error_message: (output as { error: string }).error,
      worker_id: "işçi 1",
    });
    expect((await endpoint.request("outcome", 2)).body).toMatchObject({ output: { response: "b" } });
  });

  it("leaves jobs without an id, and what is no job at all, and goes on", async () => {
    const endpoint = await testEndpoint();
    const bodies = ['{"input":{}}', '[{"id":"bir\\nkimlik","input":{}}]', "[null,3]", "tamam", "", '"iş"'];
    endpoint.answer("take", ...bodies.map((body) => ({ status: 200, body })));
    endpoint.queue(job("a"));
    const { log } = startWorker(endpoint);
    await endpoint.request("outcome");
    expect(endpoint.of("outcome")).toHaveLength(1);
    expect(log.filter(({ event }) => event === "jobs-malformed").map(({ jobs }) => jobs)).toEqual([1, 1, 2, 1]);
    expect(log.filter(({ event }) => event === "take-failed").map(({ reason }) => reason)).toEqual([
      "the answer is not JSON",
    ]);
  });

  it("runs a job once that is handed out again while it runs", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"), job("a"));
    const { log } = startWorker(endpoint, { runJob: held.runJob, limits: { concurrency: 2 } });
    await held.started("a");
    await endpoint.request("take", 3);
    held.finish("a");
    await endpoint.request("outcome");
    expect(held.begun).toEqual(["a"]);
    expect(log).toContainEqual({ jobId: "a", event: "job-handed-out-twice" });
  });

  it("gives a job its time and no more", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"));
    startWorker(endpoint, { runJob: heldJobs().runJob, limits: { jobTimeoutMs: 1 } });
    const { body } = await endpoint.request("outcome");
    expect(body).toMatchObject({ output: { error_type: "reply_timeout", status: "error" } });
  });

  it("tells the log alone what nobody foresaw", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"));
    const { log } = startWorker(endpoint, { runJob: () => Promise.reject(new Error("soket koptu")) });
    const { body } = await endpoint.request("outcome");
    expect(body).toMatchObject({ output: { error_type: "internal", status: "error" } });
    expect(JSON.stringify(body)).not.toContain("soket");
    expect(log).toContainEqual({ jobId: "a", cause: "Error: soket koptu", event: "job-failed" });
  });

  it("never writes what was asked or answered into its log", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a", "gizli soru"), job("b", "gizli hata"));
    const { log, close } = startWorker(endpoint, {
      runJob: async (call) => {
        if (call.id === "b") throw new InvalidRequestError(promptOf(call));
        call.onText?.("gizli yanıt");
        return outputOf("gizli yanıt");
      },
    });
    const events = () => log.map(({ event }) => event);
    await expect.poll(() => events().filter((event) => event === "job-done")).toHaveLength(2);
    await close();
    expect(events()).toEqual(["worker-ready", "job-done", "job-done", "worker-drains"]);
    expect(JSON.stringify(log)).not.toMatch(/gizli|anahtar/);
  });
});

describe("a worker and the pieces of a reply", () => {
  it("posts them in order, and says so with the outcome", async () => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"));
    const words = ["Kredi ", "kartı ", "borcu ", "yapılandırılır."];
    startWorker(endpoint, {
      runJob: async ({ onText }) => {
        for (const [at, word] of words.entries()) {
          onText?.(word);
          if (at < 2) await endpoint.request("part", at + 1);
        }
        return outputOf(words.join(""));
      },
    });
    const { url } = await endpoint.request("outcome");
    expect(url.searchParams.get("isStream")).toBe("true");
    const parts = endpoint.of("part");
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ body }) => (body as { output: string }).output).join("")).toBe(words.join(""));
    expect(new Set(parts.map((part) => part.url.searchParams.get("isStream")))).toEqual(new Set(["false"]));
  });

  it("gathers what comes while a piece is on its way into one", async () => {
    const endpoint = await testEndpoint();
    const release = endpoint.hold("part");
    endpoint.queue(job("a"));
    startWorker(endpoint, {
      runJob: async ({ onText }) => {
        onText?.("bir ");
        await endpoint.request("part");
        for (const word of ["iki ", "üç ", "dört"]) onText?.(word);
        release();
        return outputOf("bir iki üç dört");
      },
    });
    await endpoint.request("outcome");
    expect(endpoint.of("part").map(({ body }) => body)).toEqual([{ output: "bir " }, { output: "iki üç dört" }]);
  });

  it("sends a piece that did not arrive together with the next", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("part", { status: 500 });
    endpoint.queue(job("a"));
    startWorker(endpoint, {
      runJob: async ({ onText }) => {
        onText?.("bir ");
        await endpoint.request("part");
        onText?.("iki");
        return outputOf("bir iki");
      },
    });
    const { url } = await endpoint.request("outcome");
    expect(endpoint.of("part").at(-1)?.body).toEqual({ output: "bir iki" });
    expect(url.searchParams.get("isStream")).toBe("true");
  });

  it.each([
    ["where the settings say so", { stream: false }],
    ["where the endpoint has no place for them", { urls: { streamUrl: "" } }],
  ])("posts none %s", async (_, options) => {
    const endpoint = await testEndpoint();
    endpoint.queue(job("a"));
    startWorker(endpoint, {
      ...options,
      runJob: async ({ onText }) => {
        onText?.("bir");
        return outputOf("bir");
      },
    });
    const { url } = await endpoint.request("outcome");
    expect(url.searchParams.get("isStream")).toBe("false");
    expect(endpoint.of("part")).toEqual([]);
  });
});
