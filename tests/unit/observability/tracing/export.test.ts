import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Disposal } from "../../../../services/foundation/index.ts";
import { openTracing, type Tracing, type TracingSettings } from "../../../../services/observability/index.ts";
import { tracesUrl } from "../../../../services/observability/tracing/otlp-tracing.ts";
import { freePorts } from "../../../support/free-ports.ts";
import { json } from "../../../support/json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../../../support/otlp-receiver.ts";
import { everyTrace, openTracedGateway } from "../../../support/traced-gateway.ts";

let disposal = new Disposal();
afterEach(async () => {
  await disposal.close();
  disposal = new Disposal();
});

const patient = { timeout: 10_000 };

interface Line {
  readonly event: string;
  readonly facts: object;
}

async function open(settings: Partial<TracingSettings> = {}) {
  const receiver = disposal.own(await startOtlpReceiver(), (opened) => opened[Symbol.asyncDispose]());
  const lines: Line[] = [];
  const say = (facts: object, event: string): void => void lines.push({ facts, event });
  const log = { debug: say, info: say, warn: say, error: say };
  const wanted = { ...everyTrace, endpoint: receiver.url, ...settings };
  const tracing = await openTracing(wanted, { service: "sektor", version: "1", log });
  if (tracing === undefined) throw new Error("Nothing is traced.");
  disposal.own(tracing, (opened) => opened[Symbol.asyncDispose]());
  return { receiver, tracing, lines };
}

function leave(tracing: Tracing, traces: number): void {
  for (let left = traces; left > 0; left--) tracing.begin({ name: "POST /x" }).end();
}

const taken = (receiver: OtlpReceiver, path = "/v1/traces") =>
  receiver.requests.filter((request) => request.path === path);

describe("traces on their way to the collector", () => {
  it("do not exist where no collector is named", async () => {
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    expect(await openTracing(everyTrace, { service: "sektor", version: "1", log })).toBeUndefined();
  });

  it("go as JSON to the path OpenTelemetry has for them, with the headers of the settings", async () => {
    const { receiver, tracing } = await open({ headers: ["authorization=Bearer%20abc", "x-scope = team=voice"] });
    leave(tracing, 1);
    await receiver.until(({ length }) => length === 1);
    expect(taken(receiver)).toHaveLength(1);
    expect(taken(receiver)[0]?.headers).toMatchObject({
      "content-type": "application/json",
      authorization: "Bearer abc",
      "x-scope": "team=voice",
    });
  });

  it.each([
    ["http://h:4318", "http://h:4318/v1/traces"],
    ["http://h:4318/", "http://h:4318/v1/traces"],
    ["https://h/otlp", "https://h/otlp/v1/traces"],
    ["https://h/v1/traces", "https://h/v1/traces"],
  ])("go from %s to %s", (endpoint, url) => {
    expect(tracesUrl(endpoint)).toBe(url);
  });

  it("wait for each other, and are sent when the process ends", async () => {
    const { receiver, tracing } = await open({ exportEveryMs: 60_000 });
    leave(tracing, 20);
    expect(receiver.requests).toEqual([]);
    await tracing[Symbol.asyncDispose]();
    expect(receiver.spans).toHaveLength(20);
    expect(taken(receiver)).toHaveLength(1);
  });

  it("are as many as the share says, and of a trace either all steps or none", async () => {
    const { receiver, tracing } = await open({ sampleRatio: 0.5, exportEveryMs: 60_000 });
    for (let left = 400; left > 0; left--) {
      const span = tracing.begin({ name: "POST /x" });
      span.child("engine").end();
      span.end();
    }
    await tracing[Symbol.asyncDispose]();
    const traces = new Set(receiver.spans.map(({ traceId }) => traceId));
    expect(receiver.spans).toHaveLength(traces.size * 2);
    // 400 throws of a fair coin stray this far from 200 once in ten thousand million times.
    expect(Math.abs(traces.size - 200)).toBeLessThan(65);
  });

  it("that do not fit while the collector says nothing are dropped, and it goes on with those that come after", async () => {
    const { receiver, tracing, lines } = await open({ queueSpans: 32, exportTimeoutMs: 300 });
    receiver.behave("hang");
    leave(tracing, 1000);
    await expect.poll(() => lines.map(({ event }) => event), patient).toContain("trace-export-failed");
    receiver.behave("answer");
    const again = (): number => {
      tracing.begin({ name: "POST /again" }).end();
      return receiver.spans.filter(({ name }) => name === "POST /again").length;
    };
    await expect.poll(again, patient).toBeGreaterThan(0);
    await tracing[Symbol.asyncDispose]();
    // At most what waited, of a thousand.
    expect(receiver.spans.filter(({ name }) => name === "POST /x").length).toBeLessThanOrEqual(32);
  });

  it("are missed in a line of the log, once, without what the collector said", async () => {
    const { receiver, tracing, lines } = await open({ headers: ["authorization=Bearer gizli"], exportEveryMs: 50 });
    receiver.behave("refuse");
    for (const round of [1, 2, 3]) {
      leave(tracing, 1);
      await expect.poll(() => receiver.requests.length, patient).toBeGreaterThanOrEqual(round);
    }
    await expect.poll(() => lines, patient).toHaveLength(1);
    expect(lines).toMatchObject([{ event: "trace-export-failed", facts: { spans: 1 } }]);
    expect(JSON.stringify(lines)).not.toContain("gizli");
  });

  it("do not keep the process from ending when the collector says nothing", async () => {
    const { receiver, tracing, lines } = await open({ exportTimeoutMs: 60_000 });
    receiver.behave("hang");
    leave(tracing, 5);
    await tracing[Symbol.asyncDispose]();
    expect(lines.map(({ event }) => event)).toEqual(["traces-left-unsent"]);
    expect(receiver.spans).toEqual([]);
  });
});

describe("a chat while the collector is no help", () => {
  it.each(["hang", "refuse"] as const)("is answered as ever where it does %s", async (manner) => {
    const opened = await openTracedGateway({ tracing: { queueSpans: 16, exportTimeoutMs: 300 } });
    disposal.own(opened, ({ close }) => close());
    opened.receiver.behave(manner);
    for (let left = 20; left > 0; left--) {
      const reply = await opened.post("/api/v1/chat", { message: "legal bir soru" });
      expect(reply.status).toBe(200);
      expect((await json(reply)).data.sector).toBe("legal");
    }
  });

  it("is answered as ever where nobody listens, or somebody who hangs up", async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    disposal.own(rude, (server) => void server.close());
    for (const port of [...(await freePorts(1)), (rude.address() as { port: number }).port]) {
      const opened = await openTracedGateway({
        tracing: { endpoint: `http://127.0.0.1:${port}`, exportTimeoutMs: 300 },
      });
      disposal.own(opened, ({ close }) => close());
      for (let left = 5; left > 0; left--)
        expect((await opened.post("/api/v1/chat", { message: "legal bir soru" })).status).toBe(200);
    }
  });
});
