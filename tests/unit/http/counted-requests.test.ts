import { afterEach, describe, expect, it } from "vitest";
import { EngineUnavailableError } from "../../../services/inference/index.ts";
import { contentTypes } from "../../../services/observability/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { seriesOf } from "../../support/metrics.ts";
import type { Script } from "../../support/scripted-engine.ts";
import { builtIn, registryWith } from "../live-sectors/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(script: Script = {}) {
  const { registry, parts } = registryWith();
  const built = await buildTestGateway({
    sectors: builtIn,
    router: parts.shipped,
    registry,
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"], reply: () => ["Evet,", " olur."], ...script },
  });
  app = built.app;
  const chat = (more: object = {}) =>
    built.app.inject({
      method: "POST",
      url: "/api/v1/chat",
      payload: { message: "Merhaba", sector: "legal", ...more },
    });
  return { ...built, chat, series: () => seriesOf(built.metrics) };
}

describe("a reply that breaks off in the middle of its stream", () => {
  it("counts as the error it ended with, although its status was 200", async () => {
    const fault = { afterTokens: 1, error: () => new EngineUnavailableError(2) };
    const { chat, series } = await open({ fault });
    const reply = await chat({ stream: true });
    expect(reply.statusCode).toBe(200);
    const lines = await series();
    expect(lines).toContain(
      'turkish_ai_errors_total{sector="legal",endpoint="/api/v1/chat",error_type="engine_unavailable"} 1',
    );
    expect(lines).toContain('sektor_adapter_turns_total{sector="legal",adapter="legal@1",outcome="error"} 1');
  });
});

describe("a reply whose reader has left", () => {
  it("is in progress no longer, and counts once", async () => {
    const { app: gateway, series } = await open({ tokenMs: 30, reply: () => Array(200).fill(" evet") });
    const url = await gateway.listen({ host: "127.0.0.1", port: 0 });
    const leave = new AbortController();
    const reply = await fetch(`${url}/api/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: "Merhaba", sector: "legal", stream: true }),
      signal: leave.signal,
    });
    await reply.body?.getReader().read();
    expect(await series()).toContain("turkish_ai_requests_in_progress 1");
    leave.abort();
    await expect.poll(series, { timeout: 5_000 }).toContain("turkish_ai_requests_in_progress 0");
    expect(await series()).toContain(
      'turkish_ai_requests_total{sector="legal",endpoint="/api/v1/chat",method="POST"} 1',
    );
  });
});

describe("a request that is refused", () => {
  it("counts under the code its caller is told, not under the framework's", async () => {
    const { chat, series } = await open();
    const reply = await chat({ max_tokens: -1 });
    expect(reply.json().code).toBe("invalid_request");
    expect(await series()).toContain(
      'turkish_ai_errors_total{sector="none",endpoint="/api/v1/chat",error_type="invalid_request"} 1',
    );
  });
});

describe("a reply", () => {
  it.each(["/api/v1/chat", "/v1/chat/completions"])(
    "to POST %s counts once as a turn, with the time to its first piece",
    async (url) => {
      const { app: gateway, series } = await open();
      const messages = [{ role: "user", content: "Merhaba" }];
      const payload = url.startsWith("/api") ? { message: "Merhaba", sector: "legal" } : { model: "legal", messages };
      expect((await gateway.inject({ method: "POST", url, payload })).statusCode).toBe(200);
      const lines = await series();
      expect(lines).toContain('sektor_adapter_turns_total{sector="legal",adapter="legal@1",outcome="ok"} 1');
      expect(lines).toContain('sektor_adapter_first_token_seconds_count{sector="legal"} 1');
    },
  );
});

describe("GET /metrics", () => {
  it("is OpenMetrics for who asks for it", async () => {
    const { app: gateway } = await open();
    const plain = await gateway.inject({ method: "GET", url: "/metrics" });
    expect(plain.headers["content-type"]).toBe(contentTypes.prometheus);
    const accept = "application/openmetrics-text; version=1.0.0";
    const opened = await gateway.inject({ method: "GET", url: "/metrics", headers: { accept } });
    expect(opened.headers["content-type"]).toBe(contentTypes.openmetrics);
    expect(opened.payload.endsWith("# EOF\n")).toBe(true);
  });
});
