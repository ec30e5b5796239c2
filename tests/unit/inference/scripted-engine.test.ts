import { describe, expect, it } from "vitest";
import {
  AdapterNotFoundError,
  EngineUnavailableError,
  type GenerateEvent,
  type GenerateRequest,
} from "../../../services/inference/index.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

const reply = () => ["Kartınız", " dondu", "rul", "du", "."];
const question: GenerateRequest = { prompt: { messages: [{ role: "user", content: "Kartım çalındı" }] } };

describe("ScriptedEngine", () => {
  it("says its script token by token, then once how it ended", async () => {
    const events = await all(new ScriptedEngine({ reply }), question);
    expect(events.map((event) => (event.type === "text-delta" ? event.text : event.type))).toEqual([...reply(), "end"]);
    expect(events.at(-1)).toMatchObject({ reason: "stop", usage: { promptTokens: 2, completionTokens: 5 } });
  });

  it("ends with length after max tokens", async () => {
    const events = await all(new ScriptedEngine({ reply }), { ...question, maxTokens: 2 });
    expect(textOf(events)).toBe("Kartınız dondu");
    expect(events.at(-1)).toMatchObject({ reason: "length", usage: { completionTokens: 2 } });
  });

  it("ends before a stop string even when that is spread over tokens", async () => {
    const events = await all(new ScriptedEngine({ reply }), { ...question, stop: ["yok", "uruldu"] });
    expect(textOf(events)).toBe("Kartınız dond");
    expect(events.at(-1)).toMatchObject({ reason: "stop" });
  });

  it("echoes adapter and question when it has no script", async () => {
    const engine = new ScriptedEngine({ adapters: ["finance_banking@1"] });
    expect(textOf(await all(engine, { ...question, adapterId: "finance_banking@1" }))).toBe(
      "adaptör finance_banking@1: Kartım çalındı",
    );
  });

  it("refuses an adapter it was not given, and serves it once loaded", async () => {
    const engine = new ScriptedEngine();
    const legal = { ...question, adapterId: "legal@1" };
    await expect(all(engine, legal)).rejects.toBeInstanceOf(AdapterNotFoundError);
    await engine.loadAdapter({ name: "legal", path: "legal@1.gguf" });
    expect((await all(engine, legal)).at(-1)?.type).toBe("end");
    expect((await engine.status()).adapters).toMatchObject([{ id: "legal@1", hits: 1 }]);
  });

  it("stops waiting when the signal fires, and remembers that it was left", async () => {
    const engine = new ScriptedEngine({ reply, tokenMs: 60_000 });
    const leaving = new AbortController();
    const reason = new Error("gitti");
    const reading = (async () => {
      for await (const _ of engine.generate(question, leaving.signal)) leaving.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    expect(engine.calls).toMatchObject([{ said: "Kartınız", outcome: "aborted" }]);
    expect(engine.active).toBe(0);
  });

  it("frees the place of a reader who stops reading", async () => {
    const engine = new ScriptedEngine({ reply });
    for await (const _ of engine.generate(question)) {
      expect(engine.active).toBe(1);
      break;
    }
    expect(engine.active).toBe(0);
  });

  it("fails where its script says so", async () => {
    const fault = { afterTokens: 2, error: () => new EngineUnavailableError(2) };
    const engine = new ScriptedEngine({ reply, fault });
    const events: GenerateEvent[] = [];
    await expect(all(engine, question, events)).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(textOf(events)).toBe("Kartınız dondu");
    expect(engine.calls).toMatchObject([{ outcome: "failed" }]);
  });

  it("refuses everything once it is closed", async () => {
    const engine = new ScriptedEngine({ reply });
    await engine[Symbol.asyncDispose]();
    await expect(all(engine, question)).rejects.toBeInstanceOf(EngineUnavailableError);
    expect((await engine.status()).ready).toBe(false);
  });
});

async function all(engine: ScriptedEngine, request: GenerateRequest, events: GenerateEvent[] = []) {
  for await (const event of engine.generate(request)) events.push(event);
  return events;
}

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
}
