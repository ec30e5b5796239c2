import { afterEach, describe, expect, it, vi } from "vitest";
import { createSummaries, withSummary } from "../../../services/conversation/index.ts";
import { EngineUnavailableError } from "../../../services/inference/index.ts";
import type { SessionMessage, SessionStore } from "../../../services/sessions/index.ts";
import { createMemorySessionStore } from "../../../services/sessions/memory-session-store.ts";
import { type Script, ScriptedEngine } from "../../support/scripted-engine.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

function house(script: Script = { reply: () => ["Özet."] }, store?: Partial<SessionStore>) {
  const engine = new ScriptedEngine(script);
  const sessions = { ...createMemorySessionStore({ ttlS: 3600, maxMessages: 100 }), ...store };
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const summaries = createSummaries({ engine, sessions, history: { messages: 2, tokens: 0 }, logger, limitMs: 60_000 });
  open.push(summaries);
  let messages = 0;
  const say = async (id: string, exchanges: number, length = 10) => {
    for (let n = 0; n < exchanges; n++) {
      const message = (role: SessionMessage["role"]): SessionMessage => ({
        id: `m${++messages}`,
        role,
        content: `${role === "user" ? "soru" : "yanıt"} ${messages}`.padEnd(length, "."),
        at: "2026-01-01T00:00:00.000Z",
      });
      await sessions.append(id, { sector: null, messages: [message("user"), message("assistant")] });
    }
    summaries.afterTurn(id);
  };
  const asked = () =>
    engine.calls.map(({ request: { prompt } }) =>
      "messages" in prompt ? (prompt.messages.at(-1)?.content ?? "") : "",
    );
  const summaryOf = async (id: string) => (await sessions.load(id))?.summary;
  return { engine, sessions, summaries, say, asked, summaryOf, logger };
}

describe("the summary of a session", () => {
  it("is made of what no longer goes into the prompt", async () => {
    const { say, asked, summaryOf } = house();
    await say("s", 3);
    await vi.waitFor(async () => expect(await summaryOf("s")).toEqual({ text: "Özet.", until: "m4" }));
    expect(asked()).toEqual(["Kullanıcı: soru 1....\nAsistan: yanıt 2...\nKullanıcı: soru 3....\nAsistan: yanıt 4..."]);
  });

  it("goes on from the former one once enough has fallen out again", async () => {
    const { say, asked, summaryOf } = house({
      reply: ({ prompt }) => [String("messages" in prompt && prompt.messages.length)],
    });
    await say("s", 3);
    await vi.waitFor(async () => expect((await summaryOf("s"))?.until).toBe("m4"));
    await say("s", 2);
    await vi.waitFor(async () => expect((await summaryOf("s"))?.until).toBe("m8"));
    expect(asked()[1]).toBe(
      "Daha önce: 2\nKullanıcı: soru 5....\nAsistan: yanıt 6...\nKullanıcı: soru 7....\nAsistan: yanıt 8...",
    );
  });

  it("is not made while little has fallen out, nor of a session that is not there", async () => {
    const { say, summaries, engine, summaryOf } = house();
    await say("short", 2);
    summaries.afterTurn("gone");
    await say("long", 3);
    await vi.waitFor(async () => expect(await summaryOf("long")).toBeTruthy());
    expect(engine.calls).toHaveLength(1);
  });

  it("asks the base model for little, of a bounded prompt, however long the messages are", async () => {
    const { say, engine, summaryOf } = house();
    await say("s", 40, 8000);
    await vi.waitFor(async () => expect((await summaryOf("s"))?.until).toBe("m78"));
    const request = engine.calls[0]?.request;
    expect(request).toMatchObject({ maxTokens: 160 });
    expect(request?.adapterId).toBeUndefined();
    expect(JSON.stringify(request?.prompt).length).toBeLessThan(4_000);
    expect(JSON.stringify(request?.prompt)).toContain("yanıt 78");
  });

  it("is one at a time, and one for all turns that came meanwhile", async () => {
    const { say, engine, summaries, summaryOf } = house({ reply: () => ["Özet."], firstTokenMs: 20 });
    let most = 0;
    for (const id of ["a", "b", "c"]) await say(id, 3);
    for (const id of ["b", "c", "b", "c"]) summaries.afterTurn(id);
    await vi.waitFor(
      async () => {
        most = Math.max(most, engine.active);
        expect(await summaryOf("c")).toBeTruthy();
      },
      { interval: 1 },
    );
    expect(most).toBe(1);
    expect(engine.calls).toHaveLength(3);
  });

  it("leaves the session as it was when the engine fails, logs no words of it, and is tried again after the next turn", async () => {
    const fault = { afterTokens: 0, error: () => new EngineUnavailableError(1) };
    const { say, engine, summaryOf, logger } = house({ fault });
    await say("s", 3);
    await vi.waitFor(() =>
      expect(logger.warn).toHaveBeenCalledWith({ code: "engine_unavailable" }, "session-summary-failed"),
    );
    expect(await summaryOf("s")).toBeNull();
    engine.follow({ reply: () => ["Özet."] });
    await say("s", 1);
    await vi.waitFor(async () => expect(await summaryOf("s")).toEqual({ text: "Özet.", until: "m6" }));
  });

  it("is not kept where the model says nothing", async () => {
    const { say, engine, summaryOf } = house({ reply: () => [" ", "\n"] });
    await say("silent", 3);
    await vi.waitFor(() => expect(engine.calls[0]?.said).toBe(" \n"));
    engine.follow({ reply: () => ["Özet."] });
    await say("next", 3);
    await vi.waitFor(async () => expect(await summaryOf("next")).toBeTruthy());
    expect(await summaryOf("silent")).toBeNull();
  });

  it("is broken off when the process ends, and nothing is begun afterwards", async () => {
    const { say, summaries, engine, summaryOf, logger } = house({ reply: () => ["Özet."], firstTokenMs: 60_000 });
    await say("s", 3);
    await vi.waitFor(() => expect(engine.active).toBe(1));
    await summaries[Symbol.asyncDispose]();
    expect(engine.calls[0]?.outcome).toBe("aborted");
    await say("s", 3);
    expect(engine.calls).toHaveLength(1);
    expect(await summaryOf("s")).toBeNull();
    expect(logger.warn).not.toHaveBeenCalled();
  });
});

describe("a prompt", () => {
  const summary = { text: "Kredi borcunu sordu.", until: "m4" };
  const message = (id: string) => ({ id, role: "user" });

  it("tells the summary behind the system prompt", () => {
    expect(withSummary("Sen bir asistansın.", summary, [message("m5")])).toBe(
      "Sen bir asistansın.\n\nKonuşmanın daha önceki bölümünün özeti: Kredi borcunu sordu.",
    );
  });

  it("does not tell twice what it still holds itself, and nothing where there is no summary", () => {
    expect(withSummary("Sistem.", summary, [message("m4"), message("m5")])).toBe("Sistem.");
    expect(withSummary("Sistem.", null, [])).toBe("Sistem.");
    expect(withSummary("Sistem.", undefined, [])).toBe("Sistem.");
  });
});
