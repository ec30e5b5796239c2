import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, openTinyEngine, say, type TinyEngine } from "../support/tiny-engine.ts";

const prefix = "ortak bir onsoz hepsi icin ayni kalir ve uzun surer ".repeat(3);
const adapters = [undefined, "a1@1", "a2@1", "a3@1"] as const;
const named = (adapterId: string | undefined) => (adapterId === undefined ? {} : { adapterId });

let tiny: TinyEngine;
beforeAll(async () => {
  tiny = await openTinyEngine({ adapters: 3 });
});
afterAll(() => tiny.close());

describe("computed prompts", () => {
  it("never cross from one adapter to another, for every ordered pair", async () => {
    const cold = new Map<string | undefined, string>();
    for (const adapterId of adapters) {
      cold.set(adapterId, (await say(tiny.engine, prefix, { ...named(adapterId), reusePrefix: false })).text);
    }
    expect(new Set(cold.values()).size).toBe(adapters.length);
    for (const warm of adapters) {
      for (const under of adapters) {
        if (warm === under) continue;
        const fresh = await openTinyEngine({ adapters: 3 });
        await say(fresh.engine, prefix, named(warm));
        const reply = await say(fresh.engine, prefix, named(under));
        await fresh.close();
        expect(reply.text, `${warm} → ${under}`).toBe(cold.get(under));
        // The base's own warm-up has left its first token.
        expect(reply.end.usage.cachedTokens).toBe(under === undefined ? 1 : 0);
      }
    }
  });

  it("never cross when adapters push one another out of memory", async () => {
    const cramped = await openTinyEngine({ adapters: 3, maxResidentAdapters: 1 });
    const cold = new Map<string | undefined, string>();
    for (const adapterId of adapters)
      cold.set(adapterId, (await say(tiny.engine, prefix, { ...named(adapterId), reusePrefix: false })).text);
    for (const warm of adapters) {
      for (const under of adapters) {
        await say(cramped.engine, prefix, named(warm));
        expect((await say(cramped.engine, prefix, named(under))).text, `${warm} → ${under}`).toBe(cold.get(under));
      }
    }
    expect((await cramped.engine.status()).adapters.filter(({ resident }) => resident)).toHaveLength(1);
    await cramped.close();
  });

  it("are reused under the same adapter, with the same text", async () => {
    for (const adapterId of adapters) {
      const cold = await say(tiny.engine, `${prefix} yeni`, { ...named(adapterId), reusePrefix: false });
      const warm = await say(tiny.engine, `${prefix} yeni`, named(adapterId));
      expect(cold.end.usage.cachedTokens).toBe(0);
      expect(warm.end.usage.cachedTokens).toBe(warm.end.usage.promptTokens - 1);
      expect(warm.text).toBe(cold.text);
    }
  });

  it("of an earlier turn serve the next one", async () => {
    const first = await say(tiny.engine, "ilk soru", { adapterId: "a1@1" });
    const messages = [
      { role: "user" as const, content: "ilk soru" },
      { role: "assistant" as const, content: first.text },
      { role: "user" as const, content: "ikinci soru" },
    ];
    const second = await collect(tiny.engine.generate({ adapterId: "a1@1", prompt: { messages }, maxTokens: 8 }));
    expect(second.end.usage.cachedTokens).toBeGreaterThanOrEqual(first.end.usage.promptTokens);
  });

  it("stay right when replies under all adapters run at once", async () => {
    const asked = adapters.flatMap((adapterId) => ["bir", "iki", "uc"].map((text) => ({ adapterId, text })));
    const alone: string[] = [];
    for (const { adapterId, text } of asked)
      alone.push((await say(tiny.engine, text, { ...named(adapterId), reusePrefix: false })).text);
    const together = await Promise.all(asked.map(({ adapterId, text }) => say(tiny.engine, text, named(adapterId))));
    expect(together.map(({ text }) => text)).toEqual(alone);
  });
});

describe("the engine under load", () => {
  it("finishes a reply three times as long as its context", async () => {
    const { text, end } = await say(tiny.engine, "anlat", { maxTokens: 1536 });
    expect(end).toMatchObject({ reason: "length", usage: { completionTokens: 1536 } });
    expect(text.length).toBeGreaterThan(1000);
  });

  it("still says the same after a context shift has been through the slot", async () => {
    const cold = await say(tiny.engine, "kisa", { reusePrefix: false });
    await say(tiny.engine, "kisa", { maxTokens: 700 });
    expect((await say(tiny.engine, "kisa")).text).toBe(cold.text);
  });

  it("finishes twelve requests on four places", async () => {
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, i) => say(tiny.engine, `soru ${i}`, { adapterId: "a1@1" })),
    );
    expect(replies.map(({ end }) => end.usage.completionTokens)).toEqual(new Array(12).fill(24));
    const { capacity, adapters: list } = await tiny.engine.status();
    expect(capacity).toMatchObject({ active: 0, queued: 0 });
    expect(list.every(({ references }) => references === 0)).toBe(true);
  });

  it("frees the place of a reader who leaves in the middle", async () => {
    for (let i = 0; i < 10; i++) {
      for await (const event of tiny.engine.generate({ prompt: { text: "anlat" }, maxTokens: 400 })) {
        if (event.type === "text-delta") break;
      }
    }
    await say(tiny.engine, "son", { maxTokens: 2 });
    expect((await tiny.engine.status()).capacity).toMatchObject({ active: 0, queued: 0 });
  });

  it("frees the place when the signal fires, whatever the request is doing", async () => {
    const requests = Array.from({ length: 24 }, async (_, i) => {
      const signal = AbortSignal.timeout(1 + i * 3);
      const adapterId = `a${1 + (i % 3)}@1`;
      try {
        return await collect(
          tiny.engine.generate({ adapterId, prompt: { text: `soru ${i}` }, maxTokens: 300 }, signal),
        );
      } catch (error) {
        expect(error).toMatchObject({ name: "TimeoutError" });
        return undefined;
      }
    });
    await Promise.all(requests);
    for (const adapterId of ["a1@1", "a2@1", "a3@1"]) await say(tiny.engine, "son", { adapterId, maxTokens: 2 });
    const { capacity, adapters: list } = await tiny.engine.status();
    expect(capacity).toMatchObject({ active: 0, queued: 0 });
    expect(list.every(({ references }) => references === 0)).toBe(true);
  });

  it("never frees an adapter under a running step, however often they push one another out", async () => {
    const cramped = await openTinyEngine({ adapters: 3, maxResidentAdapters: 1, sequencesPerAdapter: 2 });
    const cold = new Map<string, string>();
    for (const id of ["a1@1", "a2@1", "a3@1"])
      cold.set(id, (await say(cramped.engine, "merhaba", { adapterId: id })).text);
    const users = Array.from({ length: 9 }, async (_, user) => {
      for (let i = 0; i < 6; i++) {
        const id = `a${1 + ((user + i) % 3)}@1`;
        if ((user + i) % 4 === 0) {
          for await (const event of cramped.engine.generate({
            adapterId: id,
            prompt: { text: "yarida" },
            maxTokens: 50,
          })) {
            if (event.type === "text-delta") break;
          }
        } else expect((await say(cramped.engine, "merhaba", { adapterId: id })).text).toBe(cold.get(id));
      }
    });
    await Promise.all(users);
    const { adapters: list, capacity } = await cramped.engine.status();
    expect(list.filter(({ resident }) => resident)).toHaveLength(1);
    expect(capacity).toMatchObject({ active: 0, queued: 0 });
    await cramped.close();
  });

  it("refuses at once when the queue is full, and serves those who are in it", async () => {
    const narrow = await openTinyEngine({ adapters: 1, sequencesPerAdapter: 1, queueLimit: 2 });
    const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => say(narrow.engine, `soru ${i}`)));
    const refused = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as { code: string; retryAfterS: number }] : [],
    );
    expect(results.length - refused.length).toBe(3);
    expect(refused.every(({ code, retryAfterS }) => code === "engine_saturated" && retryAfterS > 0)).toBe(true);
    await narrow.close();
  });

  it("lets texts to embed wait in the same queue, and refuses them as it refuses chats", async () => {
    const narrow = await openTinyEngine({ adapters: 0, queueLimit: 2 });
    const embedded = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => narrow.engine.embed([`metin ${i}`])));
    expect(embedded.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const result of embedded)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "engine_saturated", status: 503 });
    expect(await narrow.engine.embed(["bir", "iki", "üç", "dört"])).toHaveLength(4);
    await narrow.close();
  });

  it("serves an idle adapter even when nobody may wait", async () => {
    const narrow = await openTinyEngine({ adapters: 1, sequencesPerAdapter: 1, queueLimit: 0 });
    expect((await say(narrow.engine, "merhaba", { adapterId: "a1@1" })).end.reason).toBe("length");
    await narrow.close();
  });

  it("serves more conversations at once than a batch holds tokens", async () => {
    const wide = await openTinyEngine({ adapters: 0, sequencesPerAdapter: 12, batchTokens: 8 });
    const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => say(wide.engine, `soru ${i}`)));
    expect(replies.every(({ end }) => end.usage.completionTokens === 24)).toBe(true);
    await wide.close();
  });

  it("lets nobody wait for ever when it is closed", async () => {
    const closing = await openTinyEngine({ adapters: 1, sequencesPerAdapter: 1 });
    const requests = Array.from({ length: 4 }, () => say(closing.engine, "anlat", { maxTokens: 400 }));
    const settled = Promise.allSettled(requests);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await closing.close();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "engine_unavailable" } });
    }
    await expect(say(closing.engine, "merhaba")).rejects.toMatchObject({ code: "engine_unavailable" });
  });
});

describe("replies", () => {
  it("have the shape of a JSON schema", async () => {
    const schema = {
      type: "object",
      properties: { sehir: { type: "string", maxLength: 8 }, derece: { type: "integer" } },
      required: ["sehir", "derece"],
      additionalProperties: false,
    };
    const { text, end } = await say(tiny.engine, "hava", {
      maxTokens: 400,
      sampling: { temperature: 1, seed: 5 },
      responseFormat: { type: "json_schema", schema },
    });
    const value = JSON.parse(text) as { sehir: unknown; derece: unknown };
    expect([typeof value.sehir, typeof value.derece]).toEqual(["string", "number"]);
    expect(end.reason).toBe("stop");
  });

  it("repeat with the same seed", async () => {
    const of = async (seed: number) =>
      (await say(tiny.engine, "tekrar", { sampling: { temperature: 1.2, seed } })).text;
    const [first, second, other] = [await of(3), await of(3), await of(4)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it("carry log-probabilities of every token, best first", async () => {
    const { all, end } = await say(tiny.engine, "olasilik", { topLogprobs: 4, maxTokens: 10 });
    const tokens = all.flatMap((event) => (event.type === "text-delta" ? (event.logprobs ?? []) : []));
    expect(tokens).toHaveLength(end.usage.completionTokens);
    for (const { logprob, top } of tokens) {
      expect(top).toHaveLength(4);
      expect(top[0]?.logprob).toBeCloseTo(logprob, 5);
      expect(top.reduce((sum, entry) => sum + Math.exp(entry.logprob), 0)).toBeLessThanOrEqual(1.0001);
    }
  });

  it("give a vector for every text, of length one", async () => {
    const [first, second, again] = await tiny.engine.embed(["merhaba", "elektrik kesintisi", "merhaba"]);
    expect(first?.vector).toHaveLength(64);
    expect(Math.hypot(...(first?.vector ?? []))).toBeCloseTo(1, 6);
    expect(again?.vector).toEqual(first?.vector);
    expect(second?.vector).not.toEqual(first?.vector);
    await expect(tiny.engine.embed([""])).resolves.toHaveLength(1);
  });
});
