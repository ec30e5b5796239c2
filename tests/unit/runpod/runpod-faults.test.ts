import { describe, expect, it } from "vitest";
import { heldJobs, job, startWorker, testEndpoint } from "./test-worker.ts";

/** Longer than any test: what would only happen after it does not happen. */
const forever = 3_600_000;

describe("a worker and an endpoint in trouble", () => {
  it.each([204, 400])("takes %i for no job, and asks again", async (status) => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status }, { status });
    endpoint.queue(job("a"));
    const { log } = startWorker(endpoint, { pace: { firstPauseMs: forever, throttledPauseMs: forever } });
    await endpoint.request("outcome");
    expect(log.map(({ event }) => event)).not.toContain("take-failed");
  });

  it("asks an endpoint less often that says 429", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status: 429 });
    startWorker(endpoint, { pace: { throttledPauseMs: forever } });
    await endpoint.request("ping", 5);
    expect(endpoint.of("take")).toHaveLength(1);
  });

  it.each([401, 404, 500, 503])("waits before it asks again after %i", async (status) => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status });
    const { log } = startWorker(endpoint, { pace: { firstPauseMs: forever, longestPauseMs: forever } });
    await endpoint.request("ping", 5);
    expect(endpoint.of("take")).toHaveLength(1);
    expect(log).toContainEqual({ reason: `status ${status}`, event: "take-failed" });
  });

  it("goes on when it is over", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status: 500 }, { status: 429 }, { status: 503 });
    endpoint.queue(job("a"));
    startWorker(endpoint);
    await endpoint.request("outcome");
  });

  it("lets an endpoint rest that hands out nothing usable again and again", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("take", { status: 200, body: "{}" });
    startWorker(endpoint, { pace: { emptyPauseMs: forever } });
    await endpoint.request("ping", 5);
    expect(endpoint.of("take")).toHaveLength(1);
  });

  it("waits for an endpoint that nobody answers at", async () => {
    const endpoint = await testEndpoint();
    const nowhere = await testEndpoint();
    await nowhere.close();
    const { log } = startWorker(endpoint, { urls: { takeUrl: nowhere.urls.takeUrl } });
    await endpoint.request("ping", 5);
    expect(log).toContainEqual({ reason: "ECONNREFUSED", event: "take-failed" });
  });

  it("takes a silence for no job", async () => {
    const endpoint = await testEndpoint();
    endpoint.hold("take");
    const { log } = startWorker(endpoint, { pace: { takeTimeoutMs: 5 } });
    await endpoint.request("take", 2);
    expect(log.map(({ event }) => event)).toEqual(["worker-ready"]);
  });

  it("carries its key to no other address", async () => {
    const endpoint = await testEndpoint();
    const other = await testEndpoint();
    const elsewhere = { status: 307, location: `${other.origin}/v2/endpoint/job-take/x` };
    endpoint.answer("take", elsewhere);
    endpoint.answer("outcome", elsewhere);
    endpoint.queue(job("a"));
    const { log } = startWorker(endpoint);
    await endpoint.request("outcome");
    await endpoint.request("take", endpoint.of("take").length + 1);
    expect(log).toContainEqual({ reason: "status 307", event: "take-failed" });
    expect(log).toContainEqual(expect.objectContaining({ jobId: "a", event: "job-outcome-lost" }));
    expect(other.requests).toEqual([]);
  });

  it("posts an outcome again that the endpoint could not take", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("outcome", { status: 502 }, { status: 429 });
    endpoint.queue(job("a"));
    const { close, log } = startWorker(endpoint);
    await endpoint.request("outcome", 3);
    await close();
    const posted = endpoint.of("outcome");
    expect(posted).toHaveLength(3);
    expect(posted[2]?.body).toEqual(posted[0]?.body);
    expect(log).toContainEqual(expect.objectContaining({ jobId: "a", event: "job-done" }));
  });

  it.each([
    ["after the last try", [500, 500, 500], 3],
    ["at once where it is refused", [404], 1],
  ])("gives an outcome up for lost %s, and takes the next job", async (_, statuses, tries) => {
    const endpoint = await testEndpoint();
    endpoint.answer("outcome", ...statuses.map((status) => ({ status })));
    endpoint.queue(job("a"), job("b"));
    const { log } = startWorker(endpoint);
    const { url } = await endpoint.request("outcome", tries + 1);
    expect(url.pathname).toMatch(/\/b$/);
    expect(log).toContainEqual(expect.objectContaining({ jobId: "a", event: "job-outcome-lost" }));
  });

  it("says once in the log that heartbeats are not heard, and once that they are again", async () => {
    const endpoint = await testEndpoint();
    endpoint.answer("ping", { status: 500 }, { status: 500 }, { status: 500 });
    const { log } = startWorker(endpoint);
    await endpoint.request("ping", 6);
    expect(log.filter(({ event }) => event === "heartbeat")).toEqual([
      { heard: false, event: "heartbeat" },
      { heard: true, event: "heartbeat" },
    ]);
  });
});

describe("a worker and cancelled jobs", () => {
  it("breaks the job off and posts nothing for it", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.queue(job("a"), job("b"));
    const { log } = startWorker(endpoint, { runJob: held.runJob });
    await endpoint.request("stop");
    expect(held.begun).toEqual(["a"]);
    endpoint.cancel("a", "bilinmeyen");
    await held.started("b");
    held.finish("b");
    const { url } = await endpoint.request("outcome");
    expect(url.pathname).toMatch(/\/b$/);
    expect(log).toContainEqual(expect.objectContaining({ jobId: "a", event: "job-cancelled" }));
  });

  it("never starts one that waits for a place", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.answer("take", { status: 200, body: JSON.stringify([job("a"), job("b"), job("c")]) });
    const { log } = startWorker(endpoint, { runJob: held.runJob });
    await endpoint.request("stop");
    endpoint.cancel("b");
    await endpoint.request("stop", endpoint.of("stop").length + 2);
    expect(log).toContainEqual(expect.objectContaining({ jobId: "b", event: "job-cancelled" }));
    held.finish("a");
    await held.started("c");
    held.finish("c");
    const { url } = await endpoint.request("outcome", 2);
    expect(url.pathname).toMatch(/\/c$/);
    expect(held.begun).toEqual(["a", "c"]);
  });

  it("does not ask again where the endpoint tells of none", async () => {
    const endpoint = await testEndpoint();
    const held = heldJobs();
    endpoint.answer("stop", { status: 404 });
    endpoint.queue(job("a"));
    startWorker(endpoint, { runJob: held.runJob });
    await endpoint.request("stop");
    await endpoint.request("ping", endpoint.of("ping").length + 5);
    expect(endpoint.of("stop")).toHaveLength(1);
    held.finish("a");
    await endpoint.request("outcome");
  });
});
