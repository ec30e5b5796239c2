import { describe, expect, it } from "vitest";
import { createAdapterDirectory } from "../../../services/conversation/index.ts";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import {
  AdapterNotFoundError,
  ContextOverflowError,
  UnsupportedFeatureError,
} from "../../../services/inference/index.ts";
import { collect, merhaba, textOf } from "./collect.ts";
import { type Answer, chatChunk, json, scriptedPeer, stream } from "./scripted-peer.ts";

/** As LoRAX answers: predibase/lorax, router/src/lib.rs and server.rs. Errors are `{error, error_type}`, streams have no usage and no [DONE]. */
const info = json({
  model_id: "acme/base-7b",
  max_total_tokens: 2048,
  max_input_length: 1024,
  max_concurrent_requests: 128,
});
const delta = (content: string) => chatChunk({ role: "assistant", content });

async function lorax(answers: Readonly<Record<string, Answer>>) {
  const peer = await scriptedPeer({
    "GET /info": info,
    "POST /v1/chat/completions": stream([delta("Se"), delta("lam"), chatChunk({}, "stop")], false),
    ...answers,
  });
  const engine = createHttpEngine({ dialect: "lorax", url: peer.url });
  return {
    peer,
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describe("the LoRAX dialect", () => {
  it("serves the sectors whose adapters the settings name, and the base for the others", async () => {
    await using ready = await lorax({});
    const adapters = createAdapterDirectory(
      ready.engine,
      { legal: "acme/legal@2" },
      { maxAgeMs: 0, nowMs: () => performance.now() },
    );
    const legal = { id: "acme/legal@2", name: "acme/legal", version: "2" };
    expect(await adapters.forSector("legal")).toMatchObject(legal);
    expect(await adapters.forSector("energy")).toBeNull();
    for (const id of ["legal", "acme/legal", "acme/legal@2"])
      expect(await adapters.byId(id)).toEqual({ ...legal, sector: "legal" });
    expect(await adapters.byId("acme/other@1")).toBeUndefined();
  });

  it("names the adapter in model, and nothing for the base", async () => {
    await using ready = await lorax({});
    await collect(ready.engine, { ...merhaba, adapterId: "acme/legal@2" });
    await collect(ready.engine);
    expect(ready.peer.bodiesOf("/v1/chat/completions").map(({ model }) => model)).toEqual(["acme/legal@2", ""]);
    await expect(collect(ready.engine, { ...merhaba, adapterId: "acme/base-7b" })).rejects.toBeInstanceOf(
      AdapterNotFoundError,
    );
  });

  it("leaves out what its validation would refuse", async () => {
    await using ready = await lorax({});
    await collect(ready.engine, { ...merhaba, sampling: { topP: 1, topK: 0, minP: 0.1, repeatPenalty: 1.2 } });
    const [body] = ready.peer.bodiesOf("/v1/chat/completions");
    expect(body).toMatchObject({ temperature: 0, repetition_penalty: 1.2 });
    for (const field of ["top_p", "top_k", "min_p", "stream_options"]) expect(body).not.toHaveProperty(field);
  });

  it("counts the pieces where no usage is told", async () => {
    await using ready = await lorax({});
    expect((await collect(ready.engine)).at(-1)).toMatchObject({
      reason: "stop",
      usage: { promptTokens: 0, completionTokens: 2 },
    });
  });

  it("cuts the stop string that LoRAX sends along", async () => {
    await using ready = await lorax({
      "POST /v1/chat/completions": stream(
        [delta("Selam S"), delta("O"), delta("N"), chatChunk({ content: "" }, "content_filter")],
        false,
      ),
    });
    const events = await collect(ready.engine, { ...merhaba, stop: ["SON"] });
    expect(textOf(events)).toBe("Selam ");
    expect(events.at(-1)).toMatchObject({ reason: "stop" });
  });

  it("knows its errors, though they come inside a stream that began well", async () => {
    const cases: [string, string, object][] = [
      [
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 3000",
        "validation",
        { name: "ContextOverflowError" },
      ],
      ["Model is overloaded", "overloaded", { code: "engine_saturated", retryAfterS: 2 }],
      [
        "Request failed during generation: Server error: No valid adapter weights found for yok@1",
        "generation",
        { name: "AdapterNotFoundError" },
      ],
      ["Request failed during generation: Server error: CUDA out of memory", "generation", { code: "engine_failed" }],
      [
        "Input validation error: `temperature` must be strictly positive",
        "validation",
        { code: "engine_refused", status: 400 },
      ],
    ];
    for (const [error, error_type, expected] of cases) {
      await using ready = await lorax({ "POST /v1/chat/completions": stream([{ error, error_type }], false) });
      await expect(collect(ready.engine, { ...merhaba, adapterId: "yok@1" })).rejects.toMatchObject(expected);
    }
    expect(new ContextOverflowError(1, 2).code).toBe("context_length_exceeded");
  });

  it("refuses what LoRAX cannot do", async () => {
    await using ready = await lorax({});
    const messages = [{ role: "user" as const, content: "x" }];
    await expect(collect(ready.engine, { prompt: { messages, tools: [{ name: "a" }] } })).rejects.toBeInstanceOf(
      UnsupportedFeatureError,
    );
    await expect(collect(ready.engine, { ...merhaba, topLogprobs: 1 })).rejects.toBeInstanceOf(UnsupportedFeatureError);
    await expect(ready.engine.embed(["x"])).rejects.toBeInstanceOf(UnsupportedFeatureError);
    await expect(ready.engine.loadAdapter({ name: "x", path: "x" })).rejects.toBeInstanceOf(UnsupportedFeatureError);
  });

  it("tells its context and limit", async () => {
    await using ready = await lorax({ "POST /tokenize": json([{ id: 7, text: "Mer", start: 0, stop: 3 }]) });
    expect(await ready.engine.status()).toMatchObject({
      base: { id: "acme/base-7b", contextSize: 2048 },
      adapters: [],
      capacity: { active: 0, total: 128 },
    });
    expect(await ready.engine.tokenize("Mer", { withPieces: true })).toEqual({ tokens: [7], pieces: ["Mer"] });
  });
});
