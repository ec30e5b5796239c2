import { describe, expect, it } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import {
  AdapterNotFoundError,
  ContextOverflowError,
  UnsupportedFeatureError,
} from "../../../services/inference/index.ts";
import { collect, merhaba } from "./collect.ts";
import { type Answer, chatChunk, json, scriptedPeer, stream } from "./scripted-peer.ts";

/** As SGLang answers: docs.sglang.io/docs/advanced_features/lora, srt/entrypoints/openai/serving_base.py. Its errors have no `error` around them. */
const models = (id: string) =>
  json({
    object: "list",
    data: [
      { id, object: "model", max_model_len: 2048 },
      { id: "legal@2", root: "/srv/legal", parent: id },
    ],
  });
const reply = stream([chatChunk({ content: "Selam" }), chatChunk({}, "stop")]);
const refusal = (message: string, code = 400) =>
  json({ object: "error", message, type: "BadRequestError", param: null, code }, code);

async function sglang(answers: Readonly<Record<string, Answer>>, base = "acme/base-7b") {
  const peer = await scriptedPeer({ "GET /v1/models": models(base), "POST /v1/chat/completions": reply, ...answers });
  const engine = createHttpEngine({ dialect: "sglang", url: `${peer.url}/v1` });
  return {
    peer,
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describe("the SGLang dialect", () => {
  it("names base and adapter together in model", async () => {
    await using ready = await sglang({});
    await collect(ready.engine, { ...merhaba, adapterId: "legal" });
    await collect(ready.engine);
    expect(ready.peer.bodiesOf("/v1/chat/completions").map(({ model }) => model)).toEqual([
      "acme/base-7b:legal@2",
      "acme/base-7b",
    ]);
  });

  it("uses lora_path when the base's name has a colon of its own", async () => {
    await using ready = await sglang({}, "registry:acme/base");
    await collect(ready.engine, { ...merhaba, adapterId: "legal@2" });
    expect(ready.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({
      model: "registry:acme/base",
      lora_path: "legal@2",
    });
  });

  it("speaks SGLang's parameter names", async () => {
    await using ready = await sglang({});
    await collect(ready.engine, { ...merhaba, sampling: { topK: 0, repeatPenalty: 1.1 } });
    expect(ready.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({
      top_k: -1,
      repetition_penalty: 1.1,
      min_p: 0,
      top_p: 1,
    });
  });

  it.each([
    [
      "not loaded",
      refusal("The following requested LoRA adapters are not loaded: yok@1\nLoaded adapters: dict_keys([])."),
    ],
    [
      "never loaded, told in the stream",
      stream([
        {
          error: {
            object: "error",
            message: "Got LoRA adapter that has never been loaded: yok@1",
            type: "BadRequestError",
            code: 400,
          },
        },
      ]),
    ],
  ])("knows a missing adapter: %s", async (_case, answer) => {
    await using ready = await sglang({ "POST /v1/chat/completions": answer });
    await expect(collect(ready.engine, { ...merhaba, adapterId: "yok@1" })).rejects.toBeInstanceOf(
      AdapterNotFoundError,
    );
  });

  it.each([
    ["The input (3000 tokens) is longer than the model's context length (2048 tokens)."],
    [
      "Requested token count exceeds the model's maximum context length of 2048 tokens. You requested a total of 3008 tokens: 3000 tokens from the input messages and 8 tokens for the completion.",
    ],
  ])("knows a context overflow: %s", async (message) => {
    await using ready = await sglang({ "POST /v1/chat/completions": refusal(message) });
    const attempt = collect(ready.engine);
    await expect(attempt).rejects.toBeInstanceOf(ContextOverflowError);
    await expect(attempt).rejects.toThrow(/2048 tokens; the messages hold 3000/);
  });

  it("takes a full queue as busy, to be tried again", async () => {
    await using ready = await sglang({ "POST /v1/chat/completions": refusal("The request queue is full.", 503) });
    await expect(collect(ready.engine)).rejects.toMatchObject({
      code: "engine_saturated",
      status: 503,
      retryAfterS: 2,
    });
  });

  it("takes a reply it gave up as a failure, not as an end", async () => {
    await using ready = await sglang({
      "POST /v1/chat/completions": stream([chatChunk({ content: "Se" }), chatChunk({}, "abort")]),
    });
    await expect(collect(ready.engine)).rejects.toMatchObject({ code: "engine_failed", status: 502 });
  });

  it("loads by its own path and cannot replace", async () => {
    const failed = json(
      { success: false, error_message: "LoRA adapter x is already loaded", loaded_adapters: {} },
      400,
    );
    await using ready = await sglang({
      "POST /load_lora_adapter": failed,
      "POST /unload_lora_adapter": json({ success: true }),
    });
    await expect(ready.engine.loadAdapter({ name: "x@1", path: "x" })).rejects.toMatchObject({
      code: "adapter_refused_by_engine",
    });
    await expect(ready.engine.loadAdapter({ name: "x@1", path: "x", loadInPlace: true })).rejects.toBeInstanceOf(
      UnsupportedFeatureError,
    );
    await ready.engine.unloadAdapter("legal");
    expect(ready.peer.bodiesOf("/unload_lora_adapter")).toEqual([{ lora_name: "legal@2" }]);
  });
});
