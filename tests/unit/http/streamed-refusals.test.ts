import { afterEach, expect, it } from "vitest";
import { EngineSaturatedError } from "../../../services/inference/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import type { Script } from "../../support/scripted-engine.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(script: Script) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"], ...script },
  });
  app = built.app;
  return (url: string, payload: object) => built.app.inject({ method: "POST", url, payload });
}

const full = { fault: { afterTokens: 0, error: () => new EngineSaturatedError(7) } };
const messages = [{ role: "user", content: "legal süre" }];

it.each([
  ["/api/v1/chat", { message: "legal süre" }],
  ["/v1/chat/completions", { messages }],
  ["/v1/completions", { prompt: "legal süre" }],
])("a full engine is 503 with a time to come back at %s, streamed too", async (url, body) => {
  const post = await open(full);
  for (const stream of [false, true]) {
    const { statusCode, headers, payload } = await post(url, { ...body, stream });
    expect([statusCode, headers["retry-after"]]).toEqual([503, "7"]);
    expect(payload).toContain("engine_saturated");
  }
});

it("what an engine says later is the stream's last event, after the sector", async () => {
  const post = await open({ ...full, firstTokenMs: 300 });
  const { statusCode, payload } = await post("/api/v1/chat", { message: "legal süre", stream: true });
  expect(statusCode).toBe(200);
  expect(payload.match(/^event: \w+/gm)).toEqual(["event: routing", "event: error"]);
  expect(payload).toContain('"code":"engine_saturated"');
});

it("the sector comes before a first word that takes its time", async () => {
  const post = await open({ firstTokenMs: 300, reply: () => ["Otuz", " gün."] });
  const { payload } = await post("/api/v1/chat", { message: "legal süre", stream: true });
  expect(payload.match(/^event: \w+/gm)).toEqual(["event: routing", "event: delta", "event: delta", "event: end"]);
});
