import { createHmac } from "node:crypto";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { createSendWebhook, type WebhookOptions } from "../../../services/serverless/webhook/send-webhook.ts";
import { WebhookReceiver } from "../../support/webhook-receiver.ts";

const call = { jobId: "job-1", body: '{"id":"job-1","status":"COMPLETED"}' };
const open = { allowHttp: true, privateNetworks: ["127.0.0.1"], secret: "", timeoutMs: 5_000 };
const never = new AbortController().signal;

function sender(options: Partial<WebhookOptions> = {}) {
  return createSendWebhook({ ...open, ...options });
}

describe("a webhook call", () => {
  it("posts the status as JSON, with the job's id", async () => {
    await using receiver = await WebhookReceiver.start((response) => response.writeHead(204).end());
    expect(await sender()({ ...call, url: receiver.url }, never)).toBe(204);
    expect(receiver.received).toHaveLength(1);
    const [told] = receiver.received;
    expect(told).toMatchObject({ method: "POST", url: "/told?by=sektor", body: call.body });
    expect(told?.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "x-sektor-job": "job-1",
    });
    expect(told?.headers).not.toHaveProperty("x-sektor-signature");
  });

  it("is signed over its time and body when there is a secret", async () => {
    await using receiver = await WebhookReceiver.start((response) => response.end());
    await sender({ secret: "gizli", nowMs: () => 1_700_000_000_999 })({ ...call, url: receiver.url }, never);
    const v1 = createHmac("sha256", "gizli").update(`1700000000.${call.body}`).digest("hex");
    expect(receiver.received[0]?.headers["x-sektor-signature"]).toBe(`t=1700000000,v1=${v1}`);
  });

  it.each([301, 400, 404, 500])("has failed when the receiver answers %d", async (status) => {
    await using receiver = await WebhookReceiver.start((response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(),
    );
    await expect(sender()({ ...call, url: receiver.url }, never)).rejects.toMatchObject({
      code: "webhook_failed",
      status: 502,
    });
  });

  it("follows no redirect", async () => {
    await using target = await WebhookReceiver.start((response) => response.end());
    await using receiver = await WebhookReceiver.start((response) =>
      response.writeHead(307, { location: target.url }).end(),
    );
    await expect(sender()({ ...call, url: receiver.url }, never)).rejects.toMatchObject({ code: "webhook_failed" });
    expect(target.received).toHaveLength(0);
  });

  it("does not read what the receiver goes on saying", async () => {
    let left: Promise<unknown> | undefined;
    await using receiver = await WebhookReceiver.start((response) => {
      left = once(response, "close");
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.writeHead(200).on("drain", flood);
      flood();
    });
    expect(await sender()({ ...call, url: receiver.url }, never)).toBe(200);
    await left;
  });

  it("gives a receiver up that says nothing in time", async () => {
    await using receiver = await WebhookReceiver.start(() => {});
    await expect(sender({ timeoutMs: 50 })({ ...call, url: receiver.url }, never)).rejects.toMatchObject({
      code: "webhook_failed",
    });
  });

  it("ends with its signal's reason", async () => {
    await using receiver = await WebhookReceiver.start(() => {});
    const abort = new AbortController();
    const sent = sender()({ ...call, url: receiver.url }, abort.signal);
    abort.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
  });

  it("goes to the address that was checked, though the name means another by then", async () => {
    await using receiver = await WebhookReceiver.start((response) => response.end());
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    let asked = 0;
    const lookup = async () => answers[asked++] ?? [];
    await sender({ lookup })({ ...call, url: `http://rebinding.example:${receiver.port}/` }, never);
    expect(asked).toBe(1);
    expect(receiver.received[0]?.headers.host).toBe(`rebinding.example:${receiver.port}`);
  });

  it("never reaches loopback by a name, unless the settings grant it", async () => {
    await using receiver = await WebhookReceiver.start((response) => response.end());
    const refused = { code: "webhook_refused" };
    const scripted = sender({ privateNetworks: [], lookup: async () => ["127.0.0.1"] });
    const url = `http://innocent.example:${receiver.port}/`;
    await expect(scripted({ ...call, url }, never)).rejects.toMatchObject(refused);
    const real = sender({ privateNetworks: [] });
    await expect(real({ ...call, url: `http://localhost:${receiver.port}/` }, never)).rejects.toMatchObject(refused);
    expect(receiver.received).toHaveLength(0);
  });
});
