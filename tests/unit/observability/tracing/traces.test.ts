import { afterEach, describe, expect, it } from "vitest";
import { createGrpcServer } from "../../../../services/grpc/index.ts";
import { EngineUnavailableError } from "../../../../services/inference/index.ts";
import { createMemoryKnowledge } from "../../../../services/retrieval/memory-knowledge.ts";
import { grpcClient } from "../../../support/grpc-gateway.ts";
import { json } from "../../../support/json.ts";
import type { ReceivedSpan } from "../../../support/otlp-receiver.ts";
import { openTracedGateway, type TracedGatewayOptions } from "../../../support/traced-gateway.ts";

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function open(options: TracedGatewayOptions = {}) {
  const opened = await openTracedGateway(options);
  close = opened.close;
  return opened;
}

const callers = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const whole = 8;

/** `POST /chat` under nothing, `engine` under it, and so on: what a trace looks like drawn. */
function drawn(spans: readonly ReceivedSpan[]): readonly string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path = (span: ReceivedSpan): string => {
    const parent = byId.get(span.parentSpanId);
    return `${parent === undefined ? "" : `${path(parent)} > `}${span.service}: ${span.name}`;
  };
  return spans.map(path).sort();
}

const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`There is no "${name}" among ${spans.map((span) => span.name).join(", ")}.`);
  return found;
};

describe("the trace of a chat", () => {
  it("goes from the request through the gateway's steps and the engine's client into the engine, as one", async () => {
    const { post, receiver } = await open();
    expect((await post("/api/v1/chat", { message: "legal bir soru" })).status).toBe(200);
    const spans = await receiver.until(({ length }) => length >= whole);
    const server = "sektor: POST /api/v1/chat";
    const engine = `${server} > sektor: engine > sektor-infer: POST /v1/chat/completions`;
    expect(drawn(spans)).toEqual(
      [
        server,
        `${server} > sektor: route`,
        `${server} > sektor: knowledge`,
        `${server} > sektor: engine`,
        engine,
        `${engine} > sektor-infer: queue`,
        `${engine} > sektor-infer: prefill`,
        `${engine} > sektor-infer: decode`,
      ].sort(),
    );
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    for (const span of spans) expect(span.endNs >= span.startNs, span.name).toBe(true);
    expect(named(spans, "POST /api/v1/chat").kind).toBe(2);
    expect(named(spans, "engine").kind).toBe(3);
  });

  it("says who answered, from how many tokens, and how it ended", async () => {
    const { post, receiver } = await open();
    const { data } = await json(post("/api/v1/chat", { message: "legal bir soru" }));
    const spans = await receiver.until(({ length }) => length >= whole);
    const tokens = {
      "gen_ai.usage.input_tokens": data.usage.prompt_tokens,
      "gen_ai.usage.output_tokens": data.usage.completion_tokens,
    };
    const routing = { "sektor.sector": "legal", "sektor.routed_by": "router", "sektor.router_confidence": 0.9 };
    expect(named(spans, "POST /api/v1/chat").values).toMatchObject({
      ...routing,
      ...tokens,
      "sektor.adapter": "legal@1",
      "http.request.method": "POST",
      "http.route": "/api/v1/chat",
      "http.response.status_code": 200,
    });
    expect(named(spans, "route").values).toEqual(routing);
    const reply = { ...tokens, "sektor.adapter": "legal@1", "sektor.finish_reason": "stop" };
    expect(named(spans, "engine").values).toMatchObject(reply);
    expect(named(spans, "POST /v1/chat/completions").values).toMatchObject(reply);
    expect(named(spans, "decode").values).toEqual({ "sektor.tokens": data.usage.completion_tokens });
  });

  it("says how many passages were found and used, not which", async () => {
    const text = "Bir yılını dolduran çalışana her yıl için otuz günlük ücret ödenir.";
    const document = { id: "legal-k02", sector: "legal", title: "Kıdem tazminatı", text, source: "Kanun" };
    const { post, receiver } = await open({
      gateway: { knowledge: createMemoryKnowledge([document]), minScore: 0.01 },
    });
    await post("/api/v1/chat", { message: "legal: çalışana kaç günlük ücret ödenir" });
    const spans = await receiver.until(({ length }) => length >= whole);
    expect(named(spans, "knowledge").values).toEqual({
      "sektor.sector": "legal",
      "sektor.passages_found": 1,
      "sektor.passages_used": 1,
      "sektor.quotes": 0,
    });
    expect(receiver.bytes).not.toContain("Kıdem");
  });

  it("is streamed like any other, and ends with the stream", async () => {
    const { post, receiver } = await open();
    await (
      await post("/v1/chat/completions", { messages: [{ role: "user", content: "legal soru" }], stream: true })
    ).text();
    const spans = await receiver.until(({ length }) => length >= 7);
    const request = named(spans, "POST /v1/chat/completions");
    const outer = spans.find(({ service, kind }) => service === "sektor" && kind === 2);
    expect(outer?.values).toMatchObject({
      "sektor.sector": "legal",
      "sektor.adapter": "legal@1",
      "http.response.status_code": 200,
    });
    expect(spans.map(({ name }) => name)).toContain("route");
    for (const { endNs, service } of spans) if (service === "sektor") expect(endNs <= (outer?.endNs ?? 0n)).toBe(true);
    expect(request.traceId).toBe(outer?.traceId);
  });
});

describe("a caller's trace", () => {
  it("is continued where the caller keeps it", async () => {
    const { post, receiver } = await open({ tracing: { sampleRatio: 0 } });
    const traceparent = `00-${callers.traceId}-${callers.spanId}-01`;
    const reply = await post("/api/v1/chat", { message: "legal bir soru" }, { traceparent });
    const spans = await receiver.until(({ length }) => length >= whole);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([callers.traceId]));
    const { parentSpanId, spanId } = named(spans, "POST /api/v1/chat");
    expect(parentSpanId).toBe(callers.spanId);
    expect(reply.headers.get("traceresponse")).toBe(`00-${callers.traceId}-${spanId}-01`);
  });

  it("is kept by nobody where the caller does not keep it", async () => {
    const { post, receiver, close: finish } = await open();
    await post(
      "/api/v1/chat",
      { message: "legal bir soru" },
      { traceparent: `00-${callers.traceId}-${callers.spanId}-00` },
    );
    close = undefined;
    await finish();
    expect(receiver.requests).toEqual([]);
  });

  it("is not believed where the settings say so", async () => {
    const { post, receiver } = await open({ tracing: { fromCallers: false } });
    await post(
      "/api/v1/chat",
      { message: "legal bir soru" },
      { traceparent: `00-${callers.traceId}-${callers.spanId}-00` },
    );
    const spans = await receiver.until(({ length }) => length >= whole);
    expect(named(spans, "POST /api/v1/chat")).toMatchObject({ parentSpanId: "" });
    expect(named(spans, "POST /api/v1/chat").traceId).not.toBe(callers.traceId);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it.each([
    "",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
    `${"0".repeat(8000)}`,
  ])("is not taken from a header that is none (%#)", async (traceparent) => {
    const { post, receiver } = await open();
    expect((await post("/api/v1/chat", { message: "legal bir soru" }, { traceparent })).status).toBe(200);
    const spans = await receiver.until(({ length }) => length >= whole);
    expect(named(spans, "POST /api/v1/chat").parentSpanId).toBe("");
    expect(named(spans, "POST /api/v1/chat").traceId).not.toBe(callers.traceId);
  });

  it("is continued over gRPC", async () => {
    const { grpc, receiver } = await open();
    const server = createGrpcServer({ ...grpc, isReady: async () => true });
    const url = await server.listen({ host: "127.0.0.1", port: 0 });
    const client = grpcClient(url.replace("grpc://", ""));
    await client.ask(
      "Generate",
      { message: "legal bir soru" },
      { traceparent: `00-${callers.traceId}-${callers.spanId}-01` },
    );
    client.close();
    await server.close();
    const spans = await receiver.until(({ length }) => length >= whole);
    const call = named(spans, "grpc/Generate");
    expect(call).toMatchObject({ traceId: callers.traceId, parentSpanId: callers.spanId, kind: 2 });
    expect(call.values).toMatchObject({ "sektor.sector": "legal", "sektor.adapter": "legal@1", "rpc.system": "grpc" });
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });
});

describe("what is not traced", () => {
  it("is a trace that was not chosen: nothing is sent, by the gateway nor by the engine", async () => {
    const { post, receiver, close: finish } = await open({ tracing: { sampleRatio: 0 } });
    const reply = await post("/api/v1/chat", { message: "legal bir soru" });
    expect(reply.headers.get("traceresponse")).toBeNull();
    close = undefined;
    await finish();
    expect(receiver.requests).toEqual([]);
  });

  it("is somebody who only looks, unless they ask for it", async () => {
    const { url, receiver } = await open();
    for (const path of ["/health/live", "/metrics", "/v1/models"]) await fetch(`${url}${path}`);
    const traceparent = `00-${callers.traceId}-${callers.spanId}-01`;
    await fetch(`${url}/v1/models`, { headers: { traceparent } });
    const spans = await receiver.until(({ length }) => length > 0);
    expect(drawn(spans)).toEqual(["sektor: GET /v1/models"]);
  });
});

describe("a request that fails", () => {
  it("says with which code, where it failed, and that it was ours", async () => {
    const { post, receiver } = await open({
      script: { fault: { afterTokens: 0, error: () => new EngineUnavailableError(2) } },
    });
    expect((await post("/api/v1/chat", { message: "legal bir soru" })).status).toBe(503);
    const spans = await receiver.until(({ length }) => length >= 5);
    for (const name of ["POST /api/v1/chat", "engine", "POST /v1/chat/completions"]) {
      expect(named(spans, name).values).toMatchObject({ "error.type": "engine_unavailable" });
      expect(named(spans, name).status).toBe(2);
    }
    expect(named(spans, "POST /api/v1/chat").values).toMatchObject({ "http.response.status_code": 503 });
  });

  it("says that it failed also in the middle of a stream", async () => {
    const { post, receiver } = await open({
      script: { fault: { afterTokens: 2, error: () => new EngineUnavailableError(2) } },
    });
    await (await post("/api/v1/chat", { message: "legal bir soru", stream: true })).text();
    const spans = await receiver.until(({ length }) => length >= 5);
    expect(named(spans, "POST /api/v1/chat")).toMatchObject({
      status: 2,
      values: { "error.type": "engine_unavailable" },
    });
  });

  it("is no failure of ours where the caller's request was wrong", async () => {
    const { post, receiver } = await open();
    await post("/api/v1/chat", { message: "" });
    const spans = await receiver.until(({ length }) => length >= 1);
    expect(named(spans, "POST /api/v1/chat")).toMatchObject({ status: 0 });
    expect(named(spans, "POST /api/v1/chat").values).toMatchObject({
      "http.response.status_code": 400,
      "error.type": "empty_message",
    });
  });

  it("ends with its caller, who has left", async () => {
    const { url, receiver, server } = await open({ script: { firstTokenMs: 60_000 } });
    const leaving = new AbortController();
    const asked = fetch(`${url}/api/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: "legal bir soru" }),
      signal: leaving.signal,
    });
    asked.catch(() => {});
    await expect.poll(() => server.engine.active, { timeout: 10_000 }).toBe(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    const spans = await receiver.until(({ length }) => length >= 5);
    expect(named(spans, "POST /api/v1/chat").values).toMatchObject({ "error.type": "request_aborted" });
    expect(named(spans, "engine").values).toMatchObject({ "error.type": "request_aborted" });
  });
});

describe("what people say, and their keys", () => {
  it("never leave the house: no exported byte holds them", async () => {
    const { post, receiver, apiKeys } = await open({ script: { reply: () => ["gizli-", "yanıt"] } });
    const { text: key } = await apiKeys.create({
      name: "gizli-anahtar-adı",
      scopes: ["chat"],
      sectors: null,
      userId: null,
      expiresAt: null,
    });
    const headers = { authorization: `Bearer ${key}`, tracestate: "vendor=gizli-durum", baggage: "user=gizli-bagaj" };
    const message = "legal gizli-soru";
    const said = [
      post("/api/v1/chat", { message, session_id: "gizli-oturum-1", user_id: "gizli-kişi" }, headers),
      post("/v1/chat/completions", { messages: [{ role: "user", content: message }], user: "gizli-kişi" }, headers),
      post("/v1/chat/completions", { model: "gizli-model", messages: [{ role: "user", content: message }] }, headers),
      post("/rag", { query: message }, headers),
      post("/api/v1/chat?q=gizli-sorgu", { message, sector: "gizli-sektör" }, headers),
      post("/gizli-yol", { message }, headers),
      post("/api/v1/chat", { message }, { authorization: "Bearer sk-sektor-gizli-yanlis" }),
    ];
    for (const each of said) await (await each).text();
    await receiver.until(
      (spans) => spans.filter(({ service, kind }) => service === "sektor" && kind === 2).length >= said.length,
    );
    expect(receiver.bytes).toContain("legal@1");
    expect(receiver.bytes).not.toMatch(/gizli/i);
    expect(receiver.bytes).not.toContain(key);
  });
});
