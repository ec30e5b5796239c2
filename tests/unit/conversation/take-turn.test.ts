import { describe, expect, it } from "vitest";
import {
  createAdapterDirectory,
  createTakeTurn,
  type TakeTurnParts,
  type TurnEvent,
  type TurnRequest,
} from "../../../services/conversation/index.ts";
import { PlatformError } from "../../../services/foundation/index.ts";
import { EngineUnavailableError, type GenerateEvent } from "../../../services/inference/index.ts";
import { SessionsUnavailableError } from "../../../services/sessions/index.ts";
import { createMemorySessionStore } from "../../../services/sessions/memory-session-store.ts";
import { settle } from "../../support/macrotask.ts";
import { type Script, ScriptedEngine } from "../../support/scripted-engine.ts";
import { sectorsWith, wordRouter } from "./parts.ts";

const never = new AbortController().signal;

function house(script: Script = {}, more: Partial<TakeTurnParts> = {}) {
  const engine = new ScriptedEngine({
    adapters: ["legal@1", "energy@3"],
    reply: () => ["Bir", " iki", " üç"],
    ...script,
  });
  const router = wordRouter();
  const sessions = createMemorySessionStore({ ttlS: 3600, maxMessages: 100 } as Parameters<
    typeof createMemorySessionStore
  >[0]);
  let ids = 0;
  const parts: TakeTurnParts = {
    router,
    sectors: sectorsWith(),
    engine,
    adapters: createAdapterDirectory(engine, {}, { maxAgeMs: 0, nowMs: () => 0 }),
    sessions,
    groundPrompt: async ({ systemPrompt }) => ({ systemPrompt, found: [], used: [], quotes: [] }),
    limits: { maxCharacters: 100, maxMessages: 10 },
    defaults: { maxTokens: 50, sampling: { temperature: 0.3, topP: 0.9 }, historyMessages: 12, historyTokens: 0 },
    newId: () => `id${++ids}`,
    nowMs: () => 0,
    nowIso: () => "2026-01-01T00:00:00.000Z",
    onRouted: () => {},
    ...more,
  };
  const takeTurn = createTakeTurn(parts);
  const take = async (request: TurnRequest, signal = never): Promise<TurnEvent[]> => {
    const events: TurnEvent[] = [];
    for await (const event of takeTurn(request, signal)) events.push(event);
    return events;
  };
  return { engine, router, sessions, takeTurn, take };
}

describe("a turn", () => {
  it("opens with the routing, streams the reply and ends with everything known", async () => {
    const { take } = house();
    const events = await take({ message: "legal soru", sessionId: "s" });
    expect(events.map(({ type }) => type)).toEqual(["opening", "text-delta", "text-delta", "text-delta", "end"]);
    expect(events[0]).toMatchObject({
      opening: { sessionId: "s", routing: { sector: "legal", routedBy: "router" }, adapter: { id: "legal@1" } },
    });
    expect(events.at(-1)).toMatchObject({
      result: { response: "Bir iki üç", finishReason: "stop", toolCalls: [], adapter: { id: "legal@1" } },
    });
  });

  it("asks the engine under the sector's adapter, with its prompt and the house's defaults", async () => {
    const { engine, take } = house();
    await take({ message: "energy soru", sampling: { temperature: 0 }, maxTokens: 7 });
    expect(engine.calls[0]?.request).toEqual({
      adapterId: "energy@3",
      prompt: {
        messages: [
          { role: "system", content: "Sen energy uzmanısın." },
          { role: "user", content: "energy soru" },
        ],
      },
      maxTokens: 7,
      sampling: { temperature: 0, topP: 0.9 },
      overflow: "drop-oldest",
    });
  });

  it("lets the base answer where there is no adapter or no sector, and says so", async () => {
    const { engine, take } = house();
    const [without] = await take({ message: "telecommunications soru" });
    expect(without).toMatchObject({ opening: { routing: { sector: "telecommunications" }, adapter: null } });
    expect(engine.calls[0]?.request).not.toHaveProperty("adapterId");
    const [lost] = await take({ message: "merhaba" });
    expect(lost).toMatchObject({ opening: { routing: { sector: null, routedBy: "fallback" }, adapter: null } });
    expect(engine.calls[1]?.request.prompt).toMatchObject({ messages: [{ content: "Sen bir asistansın." }, {}] });
  });

  it("begins a session when none is named", async () => {
    const { take, sessions } = house();
    const [opening] = await take({ message: "legal soru" });
    const id = opening?.type === "opening" ? opening.opening.sessionId : "";
    expect((await sessions.load(id))?.messages).toHaveLength(2);
  });

  it("remembers both sides, with sector, adapter and user", async () => {
    const { take, sessions } = house();
    const events = await take({ message: "legal soru", sessionId: "s", userId: "u" });
    const end = events.at(-1);
    const session = await sessions.load("s");
    expect(session).toMatchObject({ userId: "u", sector: "legal" });
    expect(session?.messages).toMatchObject([
      { role: "user", content: "legal soru" },
      { role: "assistant", content: "Bir iki üç", sector: "legal", adapter: "legal@1" },
    ]);
    expect(session?.messages[1]?.id).toBe(end?.type === "end" ? end.result.messageId : "");
  });

  it("shows the model what was said before, and keeps the sector for a follow-up", async () => {
    const { engine, router, take } = house();
    await take({ message: "legal soru", sessionId: "s" });
    const [opening] = await take({ message: "peki sonra?", sessionId: "s" });
    expect(opening).toMatchObject({ opening: { routing: { sector: "legal", routedBy: "session" } } });
    expect(router.asked.at(-1)).toEqual({ text: "peki sonra?", sector: "legal" });
    expect(engine.calls[1]?.request.prompt).toMatchObject({
      messages: [
        { role: "system" },
        { content: "legal soru" },
        { role: "assistant", content: "Bir iki üç" },
        { content: "peki sonra?" },
      ],
    });
  });

  it("refuses an empty or over-long message before anything else happens", async () => {
    const { engine, take, router } = house();
    await expect(take({ message: "  " })).rejects.toMatchObject({ code: "empty_message" });
    await expect(take({ message: "x".repeat(101) })).rejects.toMatchObject({ code: "message_too_long" });
    await expect(take({ message: "legal", sector: "yok" })).rejects.toMatchObject({ code: "unknown_sector" });
    expect([engine.calls, router.asked]).toEqual([[], []]);
  });

  it("never overlaps another of its session, and does not hold up other sessions", async () => {
    const { take, engine } = house({ tokenMs: 2 });
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, engine.active);
    }, 1);
    await Promise.all([1, 2, 3, 4].map((n) => take({ message: `legal ${n}`, sessionId: "s" })));
    expect(most).toBe(1);
    const prompts = engine.calls.map(({ request }) =>
      "messages" in request.prompt ? request.prompt.messages.length : 0,
    );
    expect(prompts).toEqual([2, 4, 6, 8]);
    await Promise.all(["a", "b", "c"].map((id) => take({ message: "legal", sessionId: id })));
    clearInterval(watching);
    expect(most).toBeGreaterThan(1);
  });

  it("that fails leaves the session as it was, and the next one goes on", async () => {
    const { engine, take, takeTurn, sessions } = house();
    await take({ message: "legal soru", sessionId: "s" });
    const before = await sessions.load("s");
    engine.follow({
      fault: {
        afterTokens: 1,
        error: () => new PlatformError({ code: "engine_unavailable", status: 503, message: "down" }),
      },
    });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const event of takeTurn({ message: "legal ikinci", sessionId: "s" }, never)) seen.push(event.type);
      })(),
    ).rejects.toMatchObject({ code: "engine_unavailable" });
    expect(seen).toEqual(["opening", "text-delta"]);
    expect(await sessions.load("s")).toEqual(before);
    engine.follow({ reply: () => ["tamam"] });
    expect((await take({ message: "legal üçüncü", sessionId: "s" })).at(-1)).toMatchObject({
      result: { response: "tamam" },
    });
  });

  it("that its reader abandons leaves the session as it was, and stops the engine", async () => {
    const { engine, takeTurn, take, sessions } = house({ tokenMs: 5 });
    for await (const event of takeTurn({ message: "legal soru", sessionId: "s" }, never)) {
      if (event.type === "text-delta") break;
    }
    expect(await sessions.load("s")).toBeUndefined();
    expect(engine.active).toBe(0);
    expect(engine.calls[0]?.outcome).toBe("aborted");
    expect(await take({ message: "legal soru", sessionId: "s" })).toHaveLength(5);
  });

  it("whose signal fires leaves the session as it was, and ends with the signal's reason", async () => {
    const { engine, takeTurn, sessions } = house({ tokenMs: 5 });
    const controller = new AbortController();
    const run = (async () => {
      for await (const event of takeTurn({ message: "legal soru", sessionId: "s" }, controller.signal)) {
        if (event.type === "text-delta") controller.abort(new Error("left"));
      }
    })();
    await expect(run).rejects.toThrow("left");
    expect(await sessions.load("s")).toBeUndefined();
    expect(engine.active).toBe(0);
  });

  it("is not remembered when its reader leaves and the engine does not notice", async () => {
    const deaf = new ScriptedEngine({ adapters: ["legal@1"] });
    const controller = new AbortController();
    async function* generate(): AsyncGenerator<GenerateEvent, void, void> {
      yield { type: "text-delta", text: "a" };
      controller.abort(new Error("left"));
      await settle();
      yield {
        type: "end",
        reason: "stop",
        usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
        timings: {} as never,
      };
    }
    deaf.generate = generate;
    const { take, sessions } = house({}, { engine: deaf });
    await expect(take({ message: "legal soru", sessionId: "s" }, controller.signal)).rejects.toThrow("left");
    expect(await sessions.load("s")).toBeUndefined();
  });

  it("that waits for another of its session gives up when its signal fires", async () => {
    const { take, engine } = house({ tokenMs: 10 });
    const first = take({ message: "legal bir", sessionId: "s" });
    await settle();
    await expect(take({ message: "legal iki", sessionId: "s" }, AbortSignal.timeout(5))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect((await first).at(-1)?.type).toBe("end");
    expect(engine.calls).toHaveLength(1);
  });

  it("that the engine ends without a word about how is a fault, and is not remembered", async () => {
    const broken = new ScriptedEngine({ adapters: ["legal@1"] });
    broken.generate = async function* () {
      yield { type: "text-delta" as const, text: "a" };
    };
    const { take, sessions } = house({}, { engine: broken });
    await expect(take({ message: "legal soru", sessionId: "s" })).rejects.toThrow(/without saying how/);
    expect(await sessions.load("s")).toBeUndefined();
  });

  it("that cannot be remembered tells the caller instead of pretending", async () => {
    const away = async () => Promise.reject(new SessionsUnavailableError());
    const { take } = house({}, { sessions: { ...house().sessions, append: away } });
    await expect(take({ message: "legal soru", sessionId: "s" })).rejects.toThrow(SessionsUnavailableError);
    const full = async () => Promise.reject(new PlatformError({ code: "storage_full", status: 507, message: "x" }));
    const { take: takeAnother } = house({}, { sessions: { ...house().sessions, append: full } });
    await expect(takeAnother({ message: "legal soru" })).rejects.toMatchObject({ code: "storage_full" });
  });

  it("that names no session is answered while sessions are out of reach, and says that it was not kept", async () => {
    const away = async () => Promise.reject(new SessionsUnavailableError());
    const gone = { ...house().sessions, load: away, append: away, withTurn: away };
    const kept: string[] = [];
    const { take } = house({}, { sessions: gone, onKept: (id) => kept.push(id) });
    const end = (await take({ message: "legal soru" })).at(-1);
    expect(end).toMatchObject({ type: "end", result: { response: "Bir iki üç", kept: false } });
    expect((await take({ message: "legal soru", forget: true })).at(-1)).toMatchObject({ type: "end" });
    await expect(take({ message: "legal soru", sessionId: "s" })).rejects.toThrow(SessionsUnavailableError);
    expect(kept).toEqual([]);
  });

  it("that fails when it has begun is not begun again", async () => {
    const error = () => new EngineUnavailableError(1);
    const { take, engine } = house({ fault: { afterTokens: 0, error } });
    await expect(take({ message: "legal soru" })).rejects.toThrow(EngineUnavailableError);
    expect(engine.calls).toHaveLength(1);
  });
});
