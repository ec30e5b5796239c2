import { afterEach, expect, it, vi } from "vitest";
import { EngineUnavailableError } from "../../../services/inference/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import type { Script } from "../../support/scripted-engine.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(script: Script = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"], reply: () => ["Otuz", " gün."], ...script },
  });
  app = built.app;
  const post = (url: string, payload: object) => built.app.inject({ method: "POST", url, payload });
  return { ...built, post };
}

const legal = {
  sector: "legal",
  routedBy: "router",
  confidence: 0.9,
  adapter: "legal@1",
  completionTokens: 2,
  outcome: "ok",
  reply: "Otuz gün.",
};
const chat = { message: "legal süre", user_id: "ayşe", session_id: "s" };
const messages = [{ role: "user", content: "legal süre" }];

it.each([false, true])("a chat turn leaves a row, streamed (%j) or not", async (stream) => {
  const { post, rows } = await open();
  const reply = await post("/api/v1/chat", { ...chat, stream });
  expect(rows).toEqual([
    expect.objectContaining({
      ...legal,
      id: reply.headers["x-request-id"],
      endpoint: "/api/v1/chat",
      message: "legal süre",
      userId: "ayşe",
      sessionId: "s",
      messageId: expect.stringMatching(/^id-/),
    }),
  ]);
  expect(rows[0]?.totalMs).toBeGreaterThan(0);
  expect(reply.payload).toContain(`"message_id":"${rows[0]?.messageId}"`);
});

it.each([false, true])(
  "an OpenAI completion leaves one row, however many choices it has, streamed (%j) or not",
  async (stream) => {
    const { post, rows } = await open();
    const body = { messages, n: 2, user: "ali", session_id: "s", stream };
    const reply = await post("/v1/chat/completions", body);
    expect(rows).toEqual([
      expect.objectContaining({
        ...legal,
        completionTokens: 4,
        endpoint: "/v1/chat/completions",
        message: "legal süre",
        userId: "ali",
        sessionId: "s",
        messageId: expect.stringMatching(/^chatcmpl-/),
      }),
    ]);
    expect(reply.payload).toContain(`"id":"${rows[0]?.messageId}"`);
  },
);

const bodyOf = (url: string) => (url.endsWith("/v1/completions") ? { prompt: chat.message } : { ...chat, messages });

it.each([false, true])("a text completion leaves one row, streamed (%j) or not", async (stream) => {
  const { post, rows } = await open();
  const prompt = stream ? "legal süre" : ["legal süre", "legal dava"];
  const reply = await post("/v1/completions", { model: "legal", prompt, user: "ali", stream });
  expect(rows).toEqual([
    expect.objectContaining({
      ...legal,
      routedBy: "request",
      confidence: 1,
      completionTokens: stream ? 2 : 4,
      endpoint: "/v1/completions",
      message: "legal süre",
      userId: "ali",
      sessionId: null,
      messageId: expect.stringMatching(/^cmpl-/),
    }),
  ]);
  expect(reply.payload).toContain(`"id":"${rows[0]?.messageId}"`);
});

it("a question to the documents leaves a row, without a session where it names none", async () => {
  const { post, rows } = await open();
  await post("/rag", { query: "legal süre" });
  expect(rows).toEqual([
    expect.objectContaining({ endpoint: "/rag", sessionId: null, sector: "legal", outcome: "ok" }),
  ]);
});

it.each(["/api/v1/chat", "/v1/chat/completions", "/v1/completions"])(
  "a failure at %s leaves a row with its code",
  async (url) => {
    const { post, rows } = await open({ fault: { afterTokens: 1, error: () => new EngineUnavailableError(2) } });
    for (const stream of [false, true]) await post(url, { ...bodyOf(url), stream });
    expect(rows.map(({ outcome, reply }) => [outcome, reply])).toEqual([
      ["engine_unavailable", null],
      ["engine_unavailable", null],
    ]);
  },
);

it("a client that leaves midway leaves a row that says so", async () => {
  const { app: gateway, rows } = await open({ tokenMs: 30, reply: () => Array(200).fill("a ") });
  const url = await gateway.listen({ host: "127.0.0.1", port: 0 });
  const leave = new AbortController();
  const reply = await fetch(`${url}/api/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...chat, stream: true }),
    signal: leave.signal,
  });
  await reply.body?.getReader().read();
  leave.abort();
  await vi.waitFor(() => expect(rows.map(({ outcome }) => outcome)).toEqual(["request_aborted"]), { timeout: 5_000 });
});

it("what is refused before it is routed leaves none", async () => {
  const { post, rows } = await open();
  await post("/api/v1/chat", { message: " " });
  await post("/api/v1/chat", { message: "x", sector: "yok" });
  expect(rows).toEqual([]);
});
