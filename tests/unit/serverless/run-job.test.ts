import { describe, expect, it } from "vitest";
import { createAdapterDirectory, createTakeTurn } from "../../../services/conversation/index.ts";
import { EngineUnavailableError } from "../../../services/inference/index.ts";
import type { RequestRow } from "../../../services/records/index.ts";
import { createRunJob, type RunCall, runFailure } from "../../../services/serverless/index.ts";
import { createMemorySessionStore } from "../../../services/sessions/memory-session-store.ts";
import { type Script, ScriptedEngine } from "../../support/scripted-engine.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

const never = new AbortController().signal;

function house(script: Script = {}) {
  const engine = new ScriptedEngine({ adapters: ["legal@1", "energy@3"], reply: () => ["Bir", " iki"], ...script });
  const router = wordRouter();
  const sessions = createMemorySessionStore({ ttlS: 3600, maxMessages: 100 });
  const rows: RequestRow[] = [];
  const measured: object[] = [];
  let ms = 0;
  let ids = 0;
  const nowMs = () => ++ms;
  const nowIso = () => "2026-01-01T00:00:00.000Z";
  const takeTurn = createTakeTurn({
    router,
    sectors: sectorsWith(),
    engine,
    adapters: createAdapterDirectory(engine, {}, { maxAgeMs: 0, nowMs }),
    sessions,
    groundPrompt: async ({ systemPrompt }) => ({ systemPrompt, found: [], used: [], quotes: [] }),
    limits: { maxCharacters: 40, maxMessages: 4 },
    defaults: { maxTokens: 50, sampling: {}, historyMessages: 12, historyTokens: 0 },
    newId: () => `id${++ids}`,
    nowMs,
    nowIso,
    onRouted: () => undefined,
  });
  const runJob = createRunJob({
    takeTurn,
    requests: { record: (row) => void rows.push(row) },
    metrics: {
      requestStarted: () => void measured.push({}),
      requestEnded: (facts) => void measured.push(facts),
    },
    endpoint: "worker",
    nowMs,
    nowIso,
  });
  const run = (input: unknown, call: Partial<RunCall> = {}, signal = never) =>
    runJob({ id: "is-1", input, ...call }, signal);
  return { engine, router, sessions, rows, measured, run };
}

const said = [
  { role: "user", content: "legal soru" },
  { role: "assistant", content: "yanıt" },
] as const;

describe("a serverless job", () => {
  it("answers with the reply and the conversation to go on with", async () => {
    const { run } = house();
    expect(await run({ prompt: "legal soru", messages: [{ role: "system", content: "Kısa konuş." }] })).toEqual({
      response: "Bir iki",
      messages: [
        { role: "system", content: "Kısa konuş." },
        { role: "user", content: "legal soru" },
        { role: "assistant", content: "Bir iki" },
      ],
      status: "success",
      sector: "legal",
      usage: expect.objectContaining({ completion_tokens: 2 }),
    });
  });

  it("hands the reply on piece by piece", async () => {
    const { run } = house();
    const pieces: string[] = [];
    await run({ prompt: "legal soru" }, { onText: (text) => void pieces.push(text) });
    expect(pieces).toEqual(["Bir", " iki"]);
  });

  it("shows the engine the caller's conversation, under the caller's system message", async () => {
    const { engine, run } = house();
    await run({ prompt: "peki sonra", messages: [{ role: "system", content: "Kısa konuş." }, ...said] });
    expect(engine.calls[0]?.request).toMatchObject({
      adapterId: "legal@1",
      prompt: {
        messages: [{ role: "system", content: "Kısa konuş." }, ...said, { role: "user", content: "peki sonra" }],
      },
    });
  });

  it("routes by what was said before, as a conversation that was kept would be", async () => {
    const { router, run } = house();
    const { sector } = await run({ prompt: "peki sonra", messages: said });
    expect(sector).toBe("legal");
    expect(router.asked).toEqual([
      { text: "legal soru", sector: undefined },
      { text: "peki sonra", sector: "legal" },
    ]);
  });

  it("keeps nothing of it", async () => {
    const { run, sessions } = house();
    await run({ prompt: "legal soru" });
    expect(await sessions.load("id1")).toBeUndefined();
  });

  it.each([
    ["empty_message", { prompt: "  " }],
    ["message_too_long", { prompt: "x", messages: [{ role: "user", content: "a".repeat(41) }] }],
    ["too_many_messages", { prompt: "x", messages: [...said, ...said, ...said] }],
    ["unknown_sector", { prompt: "x", sector: "yok" }],
    ["invalid_request", { prompt: 1 }],
  ])("fails with %s as a chat request would", async (code, input) => {
    const { engine, run } = house();
    const failure = runFailure(await run(input).catch((thrown: unknown) => thrown));
    expect(failure).toEqual({ error: expect.any(String), error_type: code, status: "error" });
    expect(engine.calls).toEqual([]);
  });

  it("answers in no sector that its caller may not use", async () => {
    const { run } = house();
    await expect(run({ prompt: "legal soru" }, { sectors: ["energy"] })).rejects.toMatchObject({
      code: "sector_not_allowed",
    });
  });

  it("says nothing about faults that nobody foresaw", async () => {
    expect(runFailure(new Error("connect 10.0.0.3"))).toEqual({
      error: "Something went wrong on our side.",
      error_type: "internal",
      status: "error",
    });
  });

  it("stops the engine with its signal, and throws the signal's reason", async () => {
    const { engine, run } = house({ tokenMs: 60_000 });
    const stop = new AbortController();
    const reason = new Error("yeter");
    const onText = () => stop.abort(reason);
    await expect(run({ prompt: "legal soru" }, { onText }, stop.signal)).rejects.toBe(reason);
    expect(engine.calls.map(({ outcome }) => outcome)).toEqual(["aborted"]);
  });

  it("leaves a row and is counted", async () => {
    const { rows, measured, run } = house();
    await run({ prompt: "legal soru" }, { userId: "ayşe" });
    expect(rows).toEqual([
      expect.objectContaining({
        id: "is-1",
        endpoint: "worker",
        sessionId: null,
        userId: "ayşe",
        sector: "legal",
        adapter: "legal@1",
        outcome: "ok",
        message: "legal soru",
        reply: "Bir iki",
        completionTokens: 2,
      }),
    ]);
    expect(measured).toEqual([{}, { sector: "legal", endpoint: "worker", method: "JOB", seconds: expect.any(Number) }]);
  });

  it("leaves a row and is counted also where the engine fails", async () => {
    const { rows, measured, run } = house({ fault: { afterTokens: 1, error: () => new EngineUnavailableError(2) } });
    await expect(run({ prompt: "legal soru" })).rejects.toThrow(EngineUnavailableError);
    expect(rows).toMatchObject([{ outcome: "engine_unavailable", sector: "legal", reply: null, completionTokens: 0 }]);
    expect(measured.at(-1)).toMatchObject({ sector: "legal", errorType: "engine_unavailable" });
  });

  it("leaves no row where no turn began, and is counted all the same", async () => {
    const { rows, measured, run } = house();
    await expect(run({ prompt: 1 })).rejects.toThrow();
    expect(rows).toEqual([]);
    expect(measured.at(-1)).toMatchObject({ sector: "none", errorType: "invalid_request" });
  });
});
