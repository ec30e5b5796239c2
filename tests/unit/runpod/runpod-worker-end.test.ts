import { describe, expect, it } from "vitest";
import { heldJobs, job, startWorker, testEndpoint } from "./test-worker.ts";

describe("a worker that is told to end", () => {
  it("takes no more, lets its jobs finish and posts their outcomes", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"));
    const worker = startWorker(endpoint, { runJob: held.runJob, limits: { drainMs: 60_000 } });
    await held.started("a");
    const closing = worker.close();
    endpoint.queue(job("b"));
    const beats = endpoint.of("ping").length;
    const alive = await endpoint.request("ping", beats + 3);
    expect(alive.url.searchParams.get("job_id")).toBe("a");
    held.finish("a");
    await closing;
    expect(await worker.ended).toBe("stopped");
    expect(endpoint.of("outcome").map(({ body }) => body)).toMatchObject([{ output: { response: "a" } }]);
    expect(held.begun).toEqual(["a"]);
  });

  it("does not wait for an answer about jobs that is held back", async () => {
    const endpoint = await testEndpoint();
    endpoint.hold("take");
    const worker = startWorker(endpoint);
    await endpoint.request("take");
    await worker.close();
    expect(await worker.ended).toBe("stopped");
  });

  it("breaks off what takes too long, waiting jobs too, and says so in their outcomes", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status: 200, body: JSON.stringify([job("a"), job("b")]) });
    const worker = startWorker(endpoint, { runJob: heldJobs().runJob, limits: { drainMs: 1 } });
    await endpoint.request("stop");
    await worker.close();
    const outcomes = endpoint.of("outcome");
    expect(outcomes.map(({ url }) => url.pathname.at(-1)).sort()).toEqual(["a", "b"]);
    for (const { body } of outcomes)
      expect(body).toMatchObject({ output: { error_type: "worker_stopping", status: "error" } });
  });

  it("gives up on an endpoint that no longer answers", async () => {
    const endpoint = await testEndpoint();
    endpoint.hold("outcome");
    endpoint.queue(job("a"));
    const worker = startWorker(endpoint, { limits: { drainMs: 1 }, pace: { farewellMs: 1 } });
    await endpoint.request("outcome");
    await worker.close();
    expect(worker.log).toContainEqual(expect.objectContaining({ jobId: "a", event: "job-outcome-lost" }));
  });
});

describe("a worker that ends by itself", () => {
  it("ends when no job came for long enough, but not while one runs", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    let ms = 0;
    endpoint.queue(job("a"));
    const options = { runJob: held.runJob, nowMs: () => ms, limits: { idleExitMs: 1000, concurrency: 2 } };
    const worker = startWorker(endpoint, options);
    await endpoint.request("stop");
    ms += 5000;
    await endpoint.request("take", endpoint.of("take").length + 3);
    held.finish("a");
    await endpoint.request("outcome");
    await endpoint.request("take", endpoint.of("take").length + 3);
    ms += 1000;
    expect(await worker.ended).toBe("idle");
    expect(ms).toBe(6000);
  });

  it("asks to be replaced with the outcome of the last job it may do", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"), job("b"), job("c"), job("d"));
    const worker = startWorker(endpoint, { runJob: held.runJob, limits: { concurrency: 2, refreshAfterJobs: 3 } });
    await held.started("a");
    held.finish("a");
    expect(await worker.ended).toBe("refresh");
    await held.started("c");
    held.finish("c");
    await endpoint.request("outcome", 2);
    held.finish("b");
    await endpoint.request("outcome", 3);
    expect(endpoint.of("outcome").map(({ url, body }) => [url.pathname.at(-1), "stopPod" in (body as object)])).toEqual(
      [
        ["a", false],
        ["c", false],
        ["b", true],
      ],
    );
    expect(held.begun).toEqual(["a", "b", "c"]);
  });
});
