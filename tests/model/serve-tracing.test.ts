import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../support/json.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

let receiver: OtlpReceiver;
let serve: ServeProcess;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  serve = await startServe({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, SEKTOR_TRACING_SAMPLE_RATIO: "0" },
  });
});
afterAll(async () => {
  await serve?.stop();
  await receiver?.[Symbol.asyncDispose]();
});

const caller = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const said = "Kasko poliçem için hasar dosyası açtırmak istiyorum, adım Zümrüt Öztürk";

const ms = ({ startNs, endNs }: ReceivedSpan): number => Number(endNs - startNs) / 1e6;

describe("a chat with a caller's trace, through serve and the infer it has started", () => {
  it("is one trace, from the caller to the tokens, and the engine's steps take what its figures say", async () => {
    const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;
    const headers = { "content-type": "application/json", traceparent };
    const body = JSON.stringify({ message: said, temperature: 0 });
    const { data } = await json(fetch(`${serve.url}/api/v1/chat`, { method: "POST", headers, body }));
    const spans = await receiver.until(({ length }) => length >= 8);
    const one = (name: string): ReceivedSpan => {
      const found = spans.filter((span) => span.name === name);
      expect(found, name).toHaveLength(1);
      return found[0] as ReceivedSpan;
    };
    expect(spans).toHaveLength(8);
    for (const { traceId } of spans) expect(traceId).toBe(caller.traceId);
    const [request, engine, inner] = [one("POST /api/v1/chat"), one("engine"), one("POST /v1/chat/completions")];
    expect(request).toMatchObject({ service: "sektor", parentSpanId: caller.spanId });
    expect(engine).toMatchObject({ service: "sektor", parentSpanId: request.spanId });
    expect(inner).toMatchObject({ service: "sektor-infer", parentSpanId: engine.spanId });
    for (const name of ["route", "knowledge"]) expect(one(name).parentSpanId).toBe(request.spanId);
    const steps = ["queue", "prefill", "decode"].map(one);
    for (const step of steps) expect(step.parentSpanId).toBe(inner.spanId);
    const { queue_ms, prompt_ms, predicted_ms } = data.timings;
    for (const [at, figure] of [queue_ms, prompt_ms, predicted_ms].entries())
      expect(ms(steps[at] as ReceivedSpan)).toBeCloseTo(figure, 2);
    expect(inner.values).toMatchObject({
      "sektor.adapter": `${data.adapter.name}@${data.adapter.version}`,
      "gen_ai.usage.output_tokens": data.usage.completion_tokens,
    });
    expect(request.values).toMatchObject({ "sektor.sector": "insurance", "sektor.routed_by": "router" });
  });

  it("is named by the log lines of both processes", async () => {
    const ended = () => serve.log.filter(({ event, trace_id: id }) => event === "request-end" && id === caller.traceId);
    // Lines are gathered before they are written.
    const services = () =>
      ended()
        .map(({ service }) => service)
        .sort();
    await expect.poll(services, { timeout: 10_000 }).toEqual(["sektor", "sektor-infer"]);
  });

  it("has taken nothing out of the house of what was said", () => {
    for (const word of ["Kasko", "hasar", "Zümrüt", "Öztürk"]) expect(receiver.bytes).not.toContain(word);
  });
});

describe("a process that ends", () => {
  it("sends what it still has, without being waited for", async () => {
    const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;
    const before = receiver.spans.length;
    await fetch(`${serve.url}/v1/models`, { headers: { traceparent } });
    expect(await serve.stop()).toBe(0);
    expect(receiver.spans.slice(before).map(({ name }) => name)).toEqual(["GET /v1/models"]);
  });
});
