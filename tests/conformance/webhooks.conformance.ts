import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { QueueGround } from "../support/queue-ground.ts";
import { buildQueuedGateway, type QueuedGatewayOptions } from "../support/queued-gateway.ts";
import { RunClient } from "../support/run-client.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

const waiting = { timeout: 20_000, interval: 20 };
const webhook = {
  secret: "gizli",
  allowHttp: true,
  privateNetworks: ["127.0.0.0/8"],
  tries: 3,
  pauseMs: 100,
  timeoutMs: 5_000,
};

/** What receivers may rely on, whichever keeper of jobs stands behind. */
export function describeWebhooks(name: string, open: () => Promise<QueueGround>): void {
  describe(name, () => {
    let ground: QueueGround;
    let gateway: Awaited<ReturnType<typeof buildQueuedGateway>> | undefined;

    beforeAll(async () => {
      ground = await open();
    }, 120_000);
    afterEach(async () => {
      await gateway?.jobs.purge("serverless-run");
      await gateway?.jobs.purge("webhook");
      await gateway?.[Symbol.asyncDispose]();
      gateway = undefined;
    });
    afterAll(() => ground?.[Symbol.asyncDispose]());

    const start = async (options: Partial<QueuedGatewayOptions> = {}) => {
      gateway = await buildQueuedGateway({ ...ground, serverless: { webhook }, ...options });
      return { ...gateway, client: new RunClient(gateway.app) };
    };
    const told = async (receiver: WebhookReceiver, calls = 1) =>
      await vi.waitFor(() => {
        expect(receiver.received).toHaveLength(calls);
        return receiver.received.map(({ body }) => JSON.parse(body));
      }, waiting);

    it("posts what /status says, signed, when a job has gone well", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client } = await start();
      const id = await client.run({ prompt: "Hukuk" }, { webhook: receiver.url });
      const [body] = await told(receiver);
      expect(body).toMatchObject({ id, status: "COMPLETED", output: { status: "success" } });
      expect(body).toEqual((await client.get(`/status/${id}`)).body);
      const [call] = receiver.received;
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(call?.headers["x-sektor-signature"])) ?? [];
      expect(v1).toBe(createHmac("sha256", "gizli").update(`${t}.${call?.body}`).digest("hex"));
      expect(call?.headers["x-sektor-job"]).toBe(id);
    });

    it("tells of a job that failed", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client } = await start();
      await client.run({ prompt: "Soru", sector: "astroloji" }, { webhook: receiver.url });
      expect(await told(receiver)).toMatchObject([{ status: "FAILED", output: { error_type: "unknown_sector" } }]);
    });

    it("tells of a job that was cancelled while it waited", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client, startWorkers } = await start({ works: false });
      const id = await client.run({ prompt: "Hukuk" }, { webhook: receiver.url });
      await client.post(`/cancel/${id}`);
      startWorkers();
      expect(await told(receiver)).toMatchObject([{ id, status: "CANCELLED" }]);
    });

    it("tells of a job that was cancelled while it ran", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client, engine } = await start({ script: { firstTokenMs: 600_000 } });
      const id = await client.run({ prompt: "Hukuk" }, { webhook: receiver.url });
      await vi.waitFor(() => expect(engine.calls).toHaveLength(1), waiting);
      await client.post(`/cancel/${id}`);
      expect(await told(receiver)).toMatchObject([{ id, status: "CANCELLED" }]);
    });

    it("tells of a job nobody took in time", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client, serverless, startWorkers } = await start({ works: false });
      const owner = { keyId: null, userId: null, sectors: null };
      const request = { input: { prompt: "Hukuk" }, webhook: receiver.url, policy: { ttl: 20 } };
      const { id } = await serverless.run("sektor", owner, request);
      await client.until(id, "TIMED_OUT");
      startWorkers();
      expect(await told(receiver)).toMatchObject([{ id, status: "TIMED_OUT" }]);
    });

    it("is tried again while the receiver refuses, and then no more", async () => {
      await using receiver = await WebhookReceiver.start((response, call) =>
        response.writeHead(call < 3 ? 500 : 200).end(),
      );
      const { client, jobs } = await start();
      await client.run({ prompt: "Hukuk" }, { webhook: receiver.url });
      await told(receiver, 3);
      await vi.waitFor(async () => {
        const { waiting: left, delayed, running } = await jobs.counts("webhook");
        expect(left + delayed + running).toBe(0);
      }, waiting);
      expect(receiver.received).toHaveLength(3);
    });

    it("is given up after its tries, and stands among the failed jobs", async () => {
      await using receiver = await WebhookReceiver.start((response) => response.writeHead(500).end());
      const { client, jobs } = await start();
      const id = await client.run({ prompt: "Hukuk" }, { webhook: receiver.url });
      const dead = await vi.waitFor(async () => {
        const { jobs: failed } = await jobs.list({ name: "webhook", group: "failed" });
        const found = failed.find((job) => job.name === "webhook" && job.payload?.jobId === `serverless-run.${id}`);
        expect(found).toBeDefined();
        return found;
      }, waiting);
      expect(dead).toMatchObject({ attempts: 3, error: { code: "webhook_failed" } });
      expect(receiver.received).toHaveLength(3);
    });

    it("is never made to an address that has become private, however often", async () => {
      await using receiver = await WebhookReceiver.start();
      const { client, jobs } = await start({ serverless: { webhook: { ...webhook, privateNetworks: [] } } });
      const url = `http://localhost:${receiver.port}/`;
      const id = await client.run({ prompt: "Hukuk" }, { webhook: url });
      await vi.waitFor(async () => {
        const { jobs: failed } = await jobs.list({ name: "webhook", group: "failed" });
        const found = failed.find((job) => job.name === "webhook" && job.payload?.jobId === `serverless-run.${id}`);
        expect(found).toMatchObject({ attempts: 1, error: { code: "webhook_refused" } });
      }, waiting);
      expect(receiver.received).toHaveLength(0);
    });
  });
}
