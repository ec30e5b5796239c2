import { describe, expect, it } from "vitest";
import { buildMessages } from "../../../services/conversation/build-messages.ts";
import {
  checkedMessage,
  checkMessageCount,
  chooseSector,
  createAdapterDirectory,
  createResolveModel,
  recentHistory,
  systemPromptOf,
} from "../../../services/conversation/index.ts";
import { routingConversation } from "../../../services/conversation/routed-history.ts";
import { sectorsWith, statusEngine, wordRouter } from "./parts.ts";

const nowMs = (): number => 0;

describe("chooseSector", () => {
  const choose = (
    message: string,
    more: { forced?: string; sector?: string; thresholds?: Record<string, number> } = {},
  ) =>
    chooseSector(
      wordRouter(0.6),
      sectorsWith(more.thresholds),
      { message, forced: more.forced, conversation: more.sector === undefined ? undefined : { sector: more.sector } },
      nowMs,
    );

  it("takes the router's sector", () => {
    expect(choose("legal soru")).toMatchObject({ sector: "legal", confidence: 0.6, routedBy: "router" });
  });

  it("takes the caller's sector without asking the router", () => {
    const router = wordRouter();
    const routing = chooseSector(
      router,
      sectorsWith(),
      { message: "energy", forced: "legal", conversation: undefined },
      nowMs,
    );
    expect(routing).toMatchObject({ sector: "legal", confidence: 1, routedBy: "request", alternatives: [] });
    expect(router.asked).toEqual([]);
  });

  it("refuses a sector that does not exist, and names those that do", () => {
    expect(() => choose("x", { forced: "yok" })).toThrow(
      expect.objectContaining({
        code: "unknown_sector",
        status: 400,
        message: expect.stringContaining("telecommunications"),
      }),
    );
    expect(() => choose("x", { forced: "" })).toThrow(expect.objectContaining({ code: "unknown_sector" }));
    expect(() => choose("x", { forced: "y".repeat(10_000) })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("y".repeat(65)) }),
    );
  });

  it("keeps a session's sector for a follow-up that says nothing by itself", () => {
    expect(choose("peki ne kadar sürer?", { sector: "energy" })).toMatchObject({
      sector: "energy",
      routedBy: "session",
    });
  });

  it("falls back to no sector when the router abstains", () => {
    expect(choose("merhaba")).toMatchObject({ sector: null, confidence: 0.2, routedBy: "fallback" });
  });

  it("falls back where the sector's own threshold is not reached", () => {
    expect(choose("legal soru", { thresholds: { legal: 0.7 } })).toMatchObject({ sector: null, routedBy: "fallback" });
    expect(choose("legal soru", { thresholds: { legal: 0.6 } })).toMatchObject({ sector: "legal" });
    expect(choose("legal soru", { thresholds: { energy: 0.7 } })).toMatchObject({ sector: "legal" });
  });

  it("does not measure a kept sector by the threshold for new ones", () => {
    expect(choose("peki?", { sector: "legal", thresholds: { legal: 0.99 } })).toMatchObject({
      sector: "legal",
      routedBy: "session",
    });
  });

  it("names the next best, never the chosen one", () => {
    const { alternatives } = choose("legal soru");
    expect(alternatives.map(({ sector }) => sector)).toEqual(["energy", "telecommunications"]);
    expect(choose("merhaba").alternatives).toHaveLength(3);
  });
});

describe("routingConversation", () => {
  const user = (content: string) => ({ role: "user", content });
  const answer = (sector: string | null) => ({ role: "assistant", content: "…", sector });

  it("knows nothing before a sector has answered", () => {
    expect(routingConversation([])).toBeUndefined();
    expect(routingConversation([user("a"), answer(null)])).toBeUndefined();
  });

  it("tells the last sector that answered and how many turns ago", () => {
    expect(routingConversation([user("a"), answer("legal")])).toEqual({
      sector: "legal",
      turnsAgo: 1,
      utterances: ["a"],
    });
    expect(
      routingConversation([user("a"), answer("legal"), user("b"), answer(null), user("c"), answer(null)]),
    ).toMatchObject({
      sector: "legal",
      turnsAgo: 3,
    });
    expect(routingConversation([user("a"), answer("legal"), user("b"), answer("energy")])).toMatchObject({
      sector: "energy",
      turnsAgo: 1,
    });
  });

  it("carries the newest utterances only", () => {
    const messages = ["a", "b", "c", "d"].flatMap((text) => [user(text), answer("legal")]);
    expect(routingConversation(messages)?.utterances).toEqual(["b", "c", "d"]);
  });
});

describe("buildMessages", () => {
  const history = ["1", "2", "3"].flatMap((n) => [
    { role: "user", content: `soru ${n}` },
    { role: "assistant", content: `cevap ${n}` },
  ]);
  const texts = (limit: number) =>
    buildMessages("sistem", recentHistory(history, { messages: limit, tokens: 0 }), "yeni").map(
      ({ role, content }) => `${role}: ${content}`,
    );

  it("puts the system prompt first and the new message last", () => {
    expect(buildMessages("sistem", [], "yeni")).toEqual([
      { role: "system", content: "sistem" },
      { role: "user", content: "yeni" },
    ]);
  });

  it("shows the newest messages, from a question on", () => {
    expect(texts(12)).toHaveLength(8);
    expect(texts(4)).toEqual([
      "system: sistem",
      "user: soru 2",
      "assistant: cevap 2",
      "user: soru 3",
      "assistant: cevap 3",
      "user: yeni",
    ]);
    expect(texts(3)).toEqual(["system: sistem", "user: soru 3", "assistant: cevap 3", "user: yeni"]);
    expect(texts(1)).toEqual(["system: sistem", "user: yeni"]);
    expect(texts(0)).toEqual(["system: sistem", "user: yeni"]);
  });
});

describe("system prompts", () => {
  it("are the sector's, or the fallback", () => {
    const sectors = sectorsWith();
    expect(systemPromptOf(sectors, "legal")).toBe("Sen legal uzmanısın.");
    expect(systemPromptOf(sectors, null)).toBe("Sen bir asistansın.");
    expect(systemPromptOf(sectors, "yok")).toBe("Sen bir asistansın.");
  });
});

describe("message limits", () => {
  const limits = { maxCharacters: 10, maxMessages: 2 };

  it("give the message in NFC", () => {
    expect(checkedMessage("s\u0327u\u0308", limits)).toBe("şü");
  });

  it.each(["", "   ", "\n\t", "\u00a0"])("refuse an empty message (%j)", (text) => {
    expect(() => checkedMessage(text, limits)).toThrow(expect.objectContaining({ code: "empty_message", status: 400 }));
  });

  it("refuse a message that is too long, and too many of them", () => {
    expect(() => checkedMessage("x".repeat(11), limits)).toThrow(
      expect.objectContaining({ code: "message_too_long", status: 413 }),
    );
    expect(checkedMessage("x".repeat(10), limits)).toHaveLength(10);
    expect(() => checkMessageCount(3, limits)).toThrow(expect.objectContaining({ code: "too_many_messages" }));
    expect(() => checkMessageCount(2, limits)).not.toThrow();
  });
});

describe("the adapter directory", () => {
  const directory = (ids: readonly string[], stable: Record<string, string> = {}) => {
    const engine = statusEngine(ids);
    const clock = { ms: 0 };
    return {
      engine,
      clock,
      adapters: createAdapterDirectory(engine, stable, { maxAgeMs: 100, nowMs: () => clock.ms }),
    };
  };

  it("serves a sector's newest version", async () => {
    const { adapters } = directory(["legal@2", "legal@10", "legal@9", "energy@1"]);
    expect(await adapters.forSector("legal")).toEqual({ id: "legal@10", name: "legal", version: "10" });
    expect(await adapters.forSector("telecommunications")).toBeNull();
  });

  it("serves the version the settings fix, and the newest when that is gone", async () => {
    const { adapters, engine, clock } = directory(["legal@2", "legal@10"], { legal: "legal@2" });
    expect((await adapters.forSector("legal"))?.id).toBe("legal@2");
    engine.ids = ["legal@10"];
    clock.ms = 100;
    expect((await adapters.forSector("legal"))?.id).toBe("legal@10");
  });

  it("finds an adapter by id or by name", async () => {
    const { adapters } = directory(["legal@2", "legal@10"]);
    expect((await adapters.byId("legal@2"))?.version).toBe("2");
    expect(await adapters.byId("legal")).toMatchObject({ version: "10", sector: "legal" });
    expect(await adapters.byId("yok")).toBeUndefined();
  });

  it("asks the engine once in a while, however many want to know", async () => {
    const { adapters, engine, clock } = directory(["legal@1"]);
    await Promise.all(Array.from({ length: 20 }, () => adapters.forSector("legal")));
    expect(engine.asked).toBe(1);
    clock.ms = 99;
    await adapters.status();
    expect(engine.asked).toBe(1);
    clock.ms = 100;
    await adapters.status();
    expect(engine.asked).toBe(2);
  });

  it("goes on with what it knew while the engine is down, for everyone who asks", async () => {
    const { adapters, engine, clock } = directory(["legal@1"]);
    await adapters.status();
    engine.down = true;
    clock.ms = 200;
    const answers = await Promise.all([
      adapters.forSector("legal"),
      adapters.forSector("legal"),
      adapters.forSector("legal"),
    ]);
    expect(answers.map((answer) => answer?.id)).toEqual(["legal@1", "legal@1", "legal@1"]);
    clock.ms = 400;
    expect((await adapters.forSector("legal"))?.id).toBe("legal@1");
    engine.down = false;
    engine.ids = ["legal@2"];
    clock.ms = 600;
    expect((await adapters.forSector("legal"))?.id).toBe("legal@2");
  });

  it("fails when the engine was never up, and recovers at once when it is", async () => {
    const { adapters, engine } = directory(["legal@1"]);
    engine.down = true;
    await expect(adapters.status()).rejects.toThrow("down");
    engine.down = false;
    expect((await adapters.forSector("legal"))?.id).toBe("legal@1");
  });
});

describe("resolving a model", () => {
  const resolver = (ids: readonly string[] = ["legal@1", "legal@2", "energy@1"]) => {
    const router = wordRouter();
    const routed: (string | null)[] = [];
    const resolve = createResolveModel({
      router,
      sectors: sectorsWith(),
      adapters: createAdapterDirectory(statusEngine(ids), {}, { maxAgeMs: 1000, nowMs }),
      nowMs,
      onRouted: ({ sector }) => routed.push(sector),
    });
    return {
      router,
      routed,
      ask: (model: string | undefined, utterances: readonly string[] = ["merhaba"], sector?: string) =>
        resolve({ model, sector, utterances, conversation: undefined }),
    };
  };

  it.each(["auto", "", undefined])("routes the last utterance for the model %j", async (model) => {
    const { ask, routed } = resolver();
    expect(await ask(model, ["legal soru"])).toMatchObject({
      routing: { sector: "legal", routedBy: "router" },
      adapter: { id: "legal@2" },
      modelId: "legal@2",
    });
    expect(routed).toEqual(["legal"]);
  });

  it("keeps the conversation's sector for a follow-up in the client's own history", async () => {
    const { ask } = resolver();
    expect(await ask("auto", ["legal soru", "peki ne kadar?"])).toMatchObject({
      routing: { sector: "legal", routedBy: "session" },
    });
    expect(await ask("auto", ["legal soru", "energy soru", "peki ne kadar?"])).toMatchObject({
      routing: { sector: "energy" },
    });
  });

  it("takes a sector by name, from the model or from its own field", async () => {
    const { ask } = resolver();
    for (const target of [await ask("energy"), await ask("auto", ["legal"], "energy")]) {
      expect(target).toMatchObject({
        routing: { sector: "energy", routedBy: "request", confidence: 1 },
        modelId: "energy@1",
      });
    }
  });

  it("serves a sector without an adapter from the base", async () => {
    const { ask } = resolver();
    expect(await ask("telecommunications")).toMatchObject({
      routing: { sector: "telecommunications" },
      adapter: null,
      modelId: "taban",
    });
  });

  it("takes a version, or the base itself", async () => {
    const { ask, routed } = resolver();
    expect(await ask("legal@1")).toMatchObject({
      routing: { sector: "legal", routedBy: "request" },
      adapter: { id: "legal@1" },
    });
    expect(await ask("taban")).toMatchObject({ routing: { sector: null }, adapter: null, modelId: "taban" });
    expect(routed).toEqual([]);
  });

  it("refuses what it does not know, by name", async () => {
    const { ask } = resolver();
    await expect(ask("gpt-4")).rejects.toMatchObject({ code: "model_not_found", status: 404, param: "model" });
    await expect(ask("legal@99")).rejects.toMatchObject({ code: "model_not_found" });
    await expect(ask("auto", ["x"], "yok")).rejects.toMatchObject({ code: "unknown_sector", param: "sector" });
  });

  it("copes with a request in which nobody has said anything", async () => {
    expect(await resolver().ask("auto", [])).toMatchObject({ routing: { sector: null, routedBy: "fallback" } });
  });
});
