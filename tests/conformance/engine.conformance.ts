import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChatMessage, Engine, GenerateEvent, GenerateRequest, Usage } from "../../services/inference/index.ts";
import { AdapterNotFoundError, UnsupportedFeatureError } from "../../services/inference/index.ts";

/** What an engine can do besides the promise. What it cannot do, it must refuse with a typed error: that is tested too. */
export interface EngineCapabilities {
  readonly embeddings: boolean;
  /** A further adapter file it can load at run time. */
  readonly loading: { readonly id: string; readonly path: string } | false;
  readonly logprobs: boolean;
  readonly jsonSchema: boolean;
  readonly tools: boolean;
  readonly tokenPieces: boolean;
  /** Holds a reply to given texts. */
  readonly choices: boolean;
}

export interface OpenedEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** Two adapters of different weights. */
  readonly adapters: readonly [string, string];
  /** Requests that can run at once under one adapter. */
  readonly places: number;
}

/** What every keeper of the `Engine` promise keeps. The model behind may be random; its greedy replies must not end by themselves. */
export function describeEngine(
  name: string,
  open: () => Promise<OpenedEngine>,
  capabilities: EngineCapabilities,
): void {
  describe(`${name} keeps the Engine promise`, () => {
    let opened: OpenedEngine;
    let engine: Engine;
    beforeAll(async () => {
      opened = await open();
      engine = opened.engine;
    });
    afterAll(async () => {
      await opened[Symbol.asyncDispose]();
    });
    const reply = (request: Partial<GenerateRequest> = {}, signal?: AbortSignal) =>
      collect(engine, { ...shortQuestion, ...request }, signal);

    describe("replies", () => {
      it("streams the text, then says exactly once how it ended", async () => {
        const { events } = await reply();
        expect(events.at(-1)?.type).toBe("end");
        expect(events.filter((event) => event.type === "end")).toHaveLength(1);
        expect(events.filter((event) => event.type === "text-delta").length).toBeGreaterThan(1);
      });

      it("says the same twice when it is greedy", async () => {
        expect((await reply()).text).toBe((await reply()).text);
      });

      it("says the same for the same seed, and something else for another", async () => {
        const sampled = (seed: number) => reply({ sampling: { temperature: 1.5, seed } });
        const [first, again, other] = [await sampled(7), await sampled(7), await sampled(8)];
        expect(first.text).toBe(again.text);
        expect(other.text).not.toBe(first.text);
      });

      it("ends with length after max tokens, and counts them", async () => {
        const { end } = await reply({ maxTokens: 5 });
        expect(end).toMatchObject({ reason: "length", usage: { completionTokens: 5 } });
      });

      it("cuts the reply before the first stop string", async () => {
        const { text } = await reply();
        const stop = text.slice(8, 11);
        const stopped = await reply({ stop: ["kesinlikle yok", stop] });
        expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
        expect(stopped.end.reason).toBe("stop");
      });

      it("continues raw text without a chat template", async () => {
        const raw = await reply({ prompt: { text: "Merhaba dünya" } });
        expect(raw.text).not.toBe("");
        expect(raw.end.usage.promptTokens).toBeLessThan((await reply()).end.usage.promptTokens);
      });

      it("goes on until the context is full when nothing limits raw text", async () => {
        const { contextSize } = (await engine.status()).base;
        const { maxTokens: _, ...unlimited } = { ...shortQuestion, prompt: { text: "bir iki üç" } };
        const { end } = await collect(engine, unlimited);
        expect(end.reason).toBe("length");
        expect(end.usage.promptTokens + end.usage.completionTokens).toBeGreaterThan(contextSize - 4);
      });
    });

    describe("counts", () => {
      it("adds up usage and timings", async () => {
        const { end } = await reply({ reusePrefix: false });
        const { usage, timings } = end;
        expect(usage.cachedTokens).toBe(0);
        expect(timings.cache_n + timings.prompt_n).toBe(usage.promptTokens);
        expect(timings.predicted_n).toBe(usage.completionTokens);
        for (const value of Object.values(timings)) expect(value).toBeGreaterThanOrEqual(0);
      });

      it("counts a longer prompt as longer", async () => {
        const [short, long] = [
          await reply(),
          await reply({ prompt: { messages: [user(`${question} ${"ve ".repeat(40)}`)] } }),
        ];
        expect(promptTokens(long)).toBeGreaterThan(promptTokens(short) + 40);
      });

      it("never takes more from the cache than the prompt holds", async () => {
        await reply();
        const { usage } = (await reply()).end;
        expect(usage.cachedTokens).toBeLessThan(usage.promptTokens);
      });
    });

    describe("adapters", () => {
      it("gives different texts under the base and each adapter", async () => {
        const [a, b] = opened.adapters;
        const texts = [await reply(), await reply({ adapterId: a }), await reply({ adapterId: b })].map(
          ({ text }) => text,
        );
        expect(new Set(texts).size).toBe(3);
      });

      it("lets no adapter's computed prompt leak into another's reply", async () => {
        const lanes = [undefined, ...opened.adapters];
        const cold = new Map<string | undefined, string>();
        for (const lane of lanes)
          cold.set(lane, (await reply({ ...under(lane), prompt: shared("Bir soru."), reusePrefix: false })).text);
        for (const warm of lanes) {
          for (const lane of lanes) {
            await reply({ ...under(warm), prompt: shared("Bir soru.") });
            await reply({ ...under(lane), prompt: { messages: [user("Başka bir konu, başka sözler.")] } });
            expect((await reply({ ...under(lane), prompt: shared("Bir soru.") })).text).toBe(cold.get(lane));
          }
        }
      });

      it("keeps replies under different adapters apart when they run at once", async () => {
        const lanes = [undefined, ...opened.adapters];
        const alone: string[] = [];
        for (const lane of lanes) alone.push((await reply(under(lane))).text);
        const together = await Promise.all(lanes.map((lane) => reply(under(lane))));
        expect(together.map(({ text }) => text)).toEqual(alone);
      });

      it("refuses an adapter it does not have before it says anything", async () => {
        const events: GenerateEvent[] = [];
        const attempt = collect(engine, { ...shortQuestion, adapterId: "yok@1" }, undefined, events);
        await expect(attempt).rejects.toBeInstanceOf(AdapterNotFoundError);
        await expect(attempt).rejects.toMatchObject({ code: "adapter_not_found", status: 404, adapterId: "yok@1" });
        expect(events).toEqual([]);
      });

      it("lists its adapters and its base", async () => {
        const { ready, base, adapters, capacity } = await engine.status();
        expect(ready).toBe(true);
        expect(base.id).not.toMatch(/[\\/]/);
        expect(base.contextSize).toBeGreaterThan(0);
        expect(capacity.total).toBeGreaterThan(0);
        expect(adapters.map(({ id }) => id)).toEqual(expect.arrayContaining([...opened.adapters]));
      });

      if (capabilities.loading === false) {
        it("refuses to load or unload adapters while it runs", async () => {
          await expect(engine.loadAdapter({ name: "yeni@1", path: "yeni.gguf" })).rejects.toBeInstanceOf(
            UnsupportedFeatureError,
          );
          await expect(engine.unloadAdapter(opened.adapters[0])).rejects.toBeInstanceOf(UnsupportedFeatureError);
        });
      } else {
        const { id, path } = capabilities.loading;
        it("serves an adapter that was loaded, and forgets one that was unloaded", async () => {
          await engine.loadAdapter({ name: id, path });
          const { text } = await reply({ adapterId: id });
          expect(text).not.toBe((await reply()).text);
          await engine.unloadAdapter(id);
          await expect(reply({ adapterId: id })).rejects.toBeInstanceOf(AdapterNotFoundError);
          await expect(engine.unloadAdapter(id)).rejects.toBeInstanceOf(AdapterNotFoundError);
        });

        it("refuses a file it cannot serve with a reason, and goes on serving", async () => {
          await expect(engine.loadAdapter({ name: "bozuk@1", path: "yok-boyle-bir-dosya.gguf" })).rejects.toMatchObject(
            { name: "AdapterRejectedError" },
          );
          expect((await reply()).text).not.toBe("");
        });
      }
    });

    describe("leaving early", () => {
      it("ends a reply when its signal fires, with the signal's reason", async () => {
        const leaving = new AbortController();
        const reason = new Error("gitti");
        const started = (async () => {
          for await (const event of engine.generate(endless, leaving.signal))
            if (event.type === "text-delta") leaving.abort(reason);
        })();
        await expect(started).rejects.toBe(reason);
      });

      it("does not begin when the signal has already fired", async () => {
        const events: GenerateEvent[] = [];
        const reason = new Error("gelmeden gitti");
        await expect(collect(engine, endless, AbortSignal.abort(reason), events)).rejects.toBe(reason);
        expect(events).toEqual([]);
      });

      it("frees the place of everyone who stops reading", async () => {
        for (let i = 0; i < opened.places * 3; i++) {
          for await (const event of engine.generate(endless)) if (event.type === "text-delta") break;
        }
        const replies = await Promise.all(Array.from({ length: opened.places }, () => reply()));
        expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
      });
    });

    describe("long conversations", () => {
      it("refuses messages longer than the context with a typed error", async () => {
        await expect(reply({ prompt: { messages: [user("kelime ".repeat(2000))] } })).rejects.toMatchObject({
          code: "context_length_exceeded",
          status: 400,
        });
      });

      it("drops the oldest turns when it may", async () => {
        const turns = Array.from({ length: 60 }, (_, i): ChatMessage[] => [
          user(`Soru ${i}: neden böyle oldu?`),
          { role: "assistant", content: "Çünkü öyle." },
        ]);
        const messages: ChatMessage[] = [
          { role: "system", content: "Kısa yanıt ver." },
          ...turns.flat(),
          user(question),
        ];
        await expect(reply({ prompt: { messages } })).rejects.toMatchObject({ code: "context_length_exceeded" });
        const { end } = await reply({ prompt: { messages }, overflow: "drop-oldest" });
        expect(end.usage.promptTokens).toBeLessThan((await engine.status()).base.contextSize);
      });
    });

    describe("tokens and vectors", () => {
      it("tokenizes, with the model's own beginning when asked", async () => {
        const { tokens } = await engine.tokenize("Merhaba dünya");
        expect(tokens.length).toBeGreaterThan(1);
        const special = await engine.tokenize("Merhaba dünya", { addSpecial: true });
        expect(special.tokens).toHaveLength(tokens.length + 1);
      });

      it(capabilities.tokenPieces ? "shows the pieces that make up the text" : "refuses to show pieces", async () => {
        const pieces = engine.tokenize("Merhaba dünya", { withPieces: true });
        if (!capabilities.tokenPieces) return await expect(pieces).rejects.toBeInstanceOf(UnsupportedFeatureError);
        expect((await pieces).pieces?.join("").trim()).toBe("Merhaba dünya");
      });

      if (!capabilities.embeddings) {
        it("refuses embeddings with a typed error", async () => {
          await expect(engine.embed(["Merhaba"])).rejects.toBeInstanceOf(UnsupportedFeatureError);
        });
      } else {
        it("gives one normalised vector a text, in order", async () => {
          const vectors = await engine.embed(["elma", "armut", "elma"]);
          expect(vectors).toHaveLength(3);
          for (const { vector, tokens } of vectors) {
            expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
            expect(tokens).toBeGreaterThan(0);
          }
          expect(vectors[2]?.vector).toEqual(vectors[0]?.vector);
          expect(vectors[1]?.vector).not.toEqual(vectors[0]?.vector);
        });
      }
    });

    describe("forced shapes", () => {
      const schema = {
        type: "object",
        properties: { durum: { enum: ["acik", "kapali"] } },
        required: ["durum"],
        additionalProperties: false,
      };

      it(capabilities.jsonSchema ? "enforces a JSON schema" : "refuses a JSON schema", async () => {
        const forced = reply({ responseFormat: { type: "json_schema", schema }, maxTokens: 200 });
        if (!capabilities.jsonSchema) return await expect(forced).rejects.toBeInstanceOf(UnsupportedFeatureError);
        const { text, end } = await forced;
        expect(["acik", "kapali"]).toContain((JSON.parse(text) as { durum: string }).durum);
        expect(end.reason).toBe("stop");
      });

      const texts = [
        'Evet, "üç ay" içinde başvurabilirsiniz [1].',
        "Evet, üç yıl içinde\nbaşvurabilirsiniz [1].",
        "Evet",
        "Kaynaklarda bilgi yok \\ 😀.",
      ];
      const held = (choices: readonly string[], more: Partial<GenerateRequest> = {}) =>
        reply({ responseFormat: { type: "choice", choices }, maxTokens: 200, ...more });

      it(
        capabilities.choices ? "says exactly one of the texts it is held to" : "refuses to be held to texts",
        async () => {
          if (!capabilities.choices) return await expect(held(texts)).rejects.toBeInstanceOf(UnsupportedFeatureError);
          for (const choices of [texts, ...texts.map((text) => [text])]) {
            const { text, end } = await held(choices);
            expect(choices).toContain(text);
            expect(end.reason).toBe("stop");
          }
        },
      );

      if (capabilities.choices) {
        it("says one of them whatever the temperature, and the same one for the same seed", async () => {
          const said: string[] = [];
          for (let seed = 0; seed < 12; seed++) {
            const sampling = { temperature: 2, repeatPenalty: 1.5, seed };
            said.push((await held(texts, { sampling })).text);
            expect((await held(texts, { sampling })).text).toBe(said.at(-1));
          }
          expect(texts).toEqual(expect.arrayContaining(said));
          expect(new Set(said).size).toBeGreaterThan(1);
        });

        it("keeps to them beside free replies, and leaves those as they are", async () => {
          const alone = (await reply()).text;
          const together = await Promise.all([reply(), held(texts), reply(), held(texts)]);
          expect([together[0]?.text, together[2]?.text]).toEqual([alone, alone]);
          expect(texts).toContain(together[1]?.text);
          expect(together[3]?.text).toBe(together[1]?.text);
        });

        it("cuts them at max tokens and at stop strings", async () => {
          const [long = ""] = texts;
          const { text, end } = await held([long], { maxTokens: 3 });
          expect(long.startsWith(text)).toBe(true);
          expect(end).toMatchObject({ reason: "length", usage: { completionTokens: 3 } });
          const stopped = await held([long], { stop: [" içinde"] });
          expect(stopped).toMatchObject({ text: 'Evet, "üç ay"', end: { reason: "stop" } });
        });
      }

      it(capabilities.tools ? "calls the tool it must call" : "refuses tools", async () => {
        const tools = [
          { name: "durum_bildir", description: "Durumu bildirir", parameters: schema },
          { name: "baska_arac", parameters: schema },
        ];
        const prompt = { messages: [user("Durum ne?")], tools, toolChoice: { name: "durum_bildir" } };
        const calling = reply({ prompt, maxTokens: 96 });
        if (!capabilities.tools) return await expect(calling).rejects.toBeInstanceOf(UnsupportedFeatureError);
        const { events, end } = await calling;
        const calls = events.filter((event) => event.type === "tool-call").map(({ call }) => call);
        expect(calls.map(({ name: called }) => called)).toEqual(["durum_bildir"]);
        expect(["acik", "kapali"]).toContain((JSON.parse(calls[0]?.arguments ?? "") as { durum: string }).durum);
        expect(calls[0]?.id).not.toBe("");
        expect(end.reason).toBe("tool_calls");
      });

      it(
        capabilities.logprobs ? "tells each token's log-probability and its rivals'" : "refuses log-probabilities",
        async () => {
          const asked = reply({ topLogprobs: 3, maxTokens: 6 });
          if (!capabilities.logprobs) return await expect(asked).rejects.toBeInstanceOf(UnsupportedFeatureError);
          const logprobs = (await asked).events.flatMap((event) =>
            event.type === "text-delta" ? (event.logprobs ?? []) : [],
          );
          expect(logprobs.length).toBeGreaterThan(3);
          for (const { token, logprob, top } of logprobs) {
            expect(logprob).toBeLessThanOrEqual(0);
            expect(top).toHaveLength(3);
            // A greedy choice is the most probable token.
            expect(top[0]).toMatchObject({ token, logprob });
          }
        },
      );
    });
  });
}

const question = "Fatura ne zaman gelir?";
const user = (content: string): ChatMessage => ({ role: "user", content });
const shared = (content: string) => ({
  messages: [{ role: "system" as const, content: "Sen yardımcı bir asistansın. Türkçe yanıt ver." }, user(content)],
});
const under = (adapterId: string | undefined) => (adapterId === undefined ? {} : { adapterId });
const shortQuestion: GenerateRequest = { prompt: { messages: [user(question)] }, maxTokens: 24 };
const endless: GenerateRequest = { prompt: { messages: [user(question)] }, maxTokens: 400 };

type End = Extract<GenerateEvent, { type: "end" }>;

interface Collected {
  readonly events: readonly GenerateEvent[];
  readonly text: string;
  readonly end: End;
}

async function collect(
  engine: Engine,
  request: GenerateRequest,
  signal?: AbortSignal,
  events: GenerateEvent[] = [],
): Promise<Collected> {
  for await (const event of engine.generate(request, signal)) events.push(event);
  const end = events.at(-1);
  if (end?.type !== "end") throw new Error("The reply did not say how it ended.");
  return { events, text: events.map((event) => (event.type === "text-delta" ? event.text : "")).join(""), end };
}

function promptTokens({ end }: { readonly end: { readonly usage: Usage } }): number {
  return end.usage.promptTokens;
}
