import { describe, expect, it } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import {
  AdapterNotFoundError,
  AdapterRejectedError,
  ContextOverflowError,
  EngineRefusedError,
  UnsupportedFeatureError,
} from "../../../services/inference/index.ts";
import { collect, merhaba, textOf } from "./collect.ts";
import { type Answer, chatChunk, json, scriptedPeer, stream, usageChunk } from "./scripted-peer.ts";

/** As vLLM answers: docs.vllm.ai/en/latest/features/lora, vllm/entrypoints/openai/models/serving.py. */
const models = json({
  object: "list",
  data: [
    {
      id: "acme/base-7b",
      object: "model",
      owned_by: "vllm",
      root: "/srv/models/base-7b",
      parent: null,
      max_model_len: 4096,
    },
    { id: "legal@2", object: "model", owned_by: "vllm", root: "/srv/adapters/legal-2", parent: "acme/base-7b" },
    { id: "health", object: "model", owned_by: "vllm", root: "/srv/adapters/health", parent: "acme/base-7b" },
  ],
});
const reply = stream([
  chatChunk({ role: "assistant", content: "" }),
  chatChunk({ content: "Selam" }),
  chatChunk({}, "stop"),
  usageChunk(12, 2),
]);
const refusal = (message: string, type: string, code: number) =>
  json({ error: { message, type, param: null, code } }, code);

async function vllm(answers: Readonly<Record<string, Answer>>) {
  const peer = await scriptedPeer({ "GET /v1/models": models, "POST /v1/chat/completions": reply, ...answers });
  const engine = createHttpEngine({ dialect: "vllm", url: peer.url, token: "gizli" });
  return {
    peer,
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describe("the vLLM dialect", () => {
  it("names the adapter in model, as it was loaded, and the base by its own name", async () => {
    await using ready = await vllm({});
    for (const adapterId of ["legal@2", "legal", "health@1", "resolved-elsewhere@3"])
      await collect(ready.engine, { ...merhaba, adapterId });
    await collect(ready.engine);
    expect(ready.peer.bodiesOf("/v1/chat/completions").map(({ model }) => model)).toEqual([
      "legal@2",
      "legal@2",
      "health",
      "resolved-elsewhere@3",
      "acme/base-7b",
    ]);
  });

  it("reads text, end, usage and times", async () => {
    await using ready = await vllm({});
    const events = await collect(ready.engine);
    expect(textOf(events)).toBe("Selam");
    expect(events.at(-1)).toMatchObject({
      type: "end",
      reason: "stop",
      usage: { promptTokens: 12, cachedTokens: 0, completionTokens: 2 },
      timings: { cache_n: 0, prompt_n: 12, predicted_n: 2, queue_ms: 0 },
    });
  });

  it("writes every default out and speaks vLLM's parameter names", async () => {
    await using ready = await vllm({});
    await collect(ready.engine, {
      ...merhaba,
      sampling: { repeatPenalty: 1.2, topK: 40, topP: 0, seed: 3 },
      reusePrefix: false,
    });
    const [body] = ready.peer.bodiesOf("/v1/chat/completions");
    expect(body).toMatchObject({
      temperature: 0,
      top_k: 40,
      min_p: 0,
      repetition_penalty: 1.2,
      seed: 3,
      max_tokens: 8,
      stream: true,
    });
    expect(body?.["top_p"]).toBeGreaterThan(0);
    expect(body?.["cache_salt"]).toEqual(expect.any(String));
    expect(ready.peer.asked.every(({ headers }) => headers.authorization === "Bearer gizli")).toBe(true);
  });

  it("knows a missing adapter, and does not serve the base in its place", async () => {
    await using ready = await vllm({
      "POST /v1/chat/completions": refusal("The model `yok@1` does not exist.", "NotFoundError", 404),
    });
    await expect(collect(ready.engine, { ...merhaba, adapterId: "yok@1" })).rejects.toBeInstanceOf(
      AdapterNotFoundError,
    );
    await expect(collect(ready.engine, { ...merhaba, adapterId: "acme/base-7b" })).rejects.toBeInstanceOf(
      AdapterNotFoundError,
    );
  });

  it("knows a context overflow and its numbers", async () => {
    const message =
      "This model's maximum context length is 4096 tokens. However, you requested 8 output tokens and your prompt contains at least 5000 input tokens, for a total of at least 5008 tokens.";
    await using ready = await vllm({ "POST /v1/chat/completions": refusal(message, "BadRequestError", 400) });
    const attempt = collect(ready.engine);
    await expect(attempt).rejects.toBeInstanceOf(ContextOverflowError);
    await expect(attempt).rejects.toThrow(/4096 tokens; the messages hold 5000/);
  });

  it("drops the oldest turns itself when it may, and asks again", async () => {
    const overflow = refusal("This model's maximum context length is 100 tokens.", "BadRequestError", 400);
    await using ready = await vllm({
      "POST /v1/chat/completions": (call, response) =>
        ((call.body["messages"] as unknown[]).length > 4 ? overflow : reply)(call, response),
    });
    const turns = Array.from({ length: 8 }, (_, i) => [
      { role: "user" as const, content: `soru ${i}` },
      { role: "assistant" as const, content: `yanıt ${i}` },
    ]).flat();
    const messages = [
      { role: "system" as const, content: "kurallar" },
      ...turns,
      { role: "user" as const, content: "son soru" },
    ];
    expect(textOf(await collect(ready.engine, { prompt: { messages }, overflow: "drop-oldest" }))).toBe("Selam");
    const sent = ready.peer.bodiesOf("/v1/chat/completions").at(-1)?.["messages"] as { content: string }[];
    expect(sent[0]?.content).toBe("kurallar");
    expect(sent.at(-1)?.content).toBe("son soru");
    await expect(collect(ready.engine, { prompt: { messages } })).rejects.toMatchObject({
      code: "context_length_exceeded",
    });
  });

  it("keeps addresses, paths and what users wrote out of its errors", async () => {
    const message =
      "1 validation error: {'type': 'x', 'input': 'müşterinin sırrı'} see https://10.0.0.7:8000/docs and /srv/models/base-7b/config.json";
    await using ready = await vllm({ "POST /v1/chat/completions": refusal(message, "BadRequestError", 400) });
    const error = await collect(ready.engine).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineRefusedError);
    expect(error).toMatchObject({ code: "engine_refused", status: 400 });
    expect((error as Error).message).not.toMatch(/sırrı|10\.0\.0\.7|srv|https/);
  });

  it("lists what is served without telling where it lies", async () => {
    await using ready = await vllm({});
    const status = await ready.engine.status();
    expect(status).toMatchObject({ ready: true, base: { id: "acme/base-7b", contextSize: 4096 } });
    expect(status.adapters.map(({ id, file, resident }) => ({ id, file, resident }))).toEqual([
      { id: "legal@2", file: "legal-2", resident: true },
      { id: "health@1", file: "health", resident: true },
    ]);
    expect(JSON.stringify(status)).not.toContain("/srv");
  });

  it("loads and unloads by vLLM's endpoints, and sees the new list", async () => {
    const text: Answer = (_call, response) =>
      response.writeHead(200, { "content-type": "text/plain" }).end("Success: done.");
    await using ready = await vllm({ "POST /v1/load_lora_adapter": text, "POST /v1/unload_lora_adapter": text });
    await collect(ready.engine);
    await ready.engine.loadAdapter({ name: "law@3", path: "law-3" });
    await ready.engine.unloadAdapter("health@1");
    await collect(ready.engine);
    expect(ready.peer.bodiesOf("/v1/load_lora_adapter")).toEqual([{ lora_name: "law@3", lora_path: "law-3" }]);
    expect(ready.peer.bodiesOf("/v1/unload_lora_adapter")).toEqual([{ lora_name: "health" }]);
    expect(ready.peer.asked.filter(({ path }) => path === "/v1/models").length).toBeGreaterThan(1);
  });

  it("says why an adapter cannot be loaded", async () => {
    const request = { name: "law@3", path: "law-3" };
    const cases: [Answer, object][] = [
      [
        refusal("Loading lora law@3 failed: No adapter found for /srv/law-3", "NotFoundError", 404),
        { name: "AdapterRejectedError", reason: "not_found" },
      ],
      [
        refusal("rank 64 is greater than max_lora_rank 16", "InternalServerError", 500),
        { name: "AdapterRejectedError", reason: "refused_by_engine" },
      ],
      [json({ detail: "Not Found" }, 404), { name: "UnsupportedFeatureError" }],
    ];
    for (const [answer, error] of cases) {
      await using ready = await vllm({ "POST /v1/load_lora_adapter": answer });
      await expect(ready.engine.loadAdapter(request)).rejects.toMatchObject(error);
    }
    await using ready = await vllm({
      "POST /v1/unload_lora_adapter": refusal("The lora adapter 'x' cannot be found.", "NotFoundError", 404),
    });
    await expect(ready.engine.unloadAdapter("x@1")).rejects.toBeInstanceOf(AdapterNotFoundError);
    expect(new AdapterRejectedError("a", "not_found", "").status).toBe(404);
  });

  it("tokenizes and refuses embeddings of a model that has none", async () => {
    await using ready = await vllm({
      "POST /tokenize": json({ count: 2, max_model_len: 4096, tokens: [5, 6], token_strs: ["Mer", "haba"] }),
    });
    expect(await ready.engine.tokenize("Merhaba", { withPieces: true })).toEqual({
      tokens: [5, 6],
      pieces: ["Mer", "haba"],
    });
    expect(ready.peer.bodiesOf("/tokenize")[0]).toEqual({
      model: "acme/base-7b",
      prompt: "Merhaba",
      add_special_tokens: false,
      return_token_strs: true,
    });
    await expect(ready.engine.embed(["Merhaba"])).rejects.toBeInstanceOf(UnsupportedFeatureError);
  });

  it("puts streamed tool calls together and says that the reply was one", async () => {
    const piece = (index: number, rest: object) => chatChunk({ tool_calls: [{ index, ...rest }] });
    await using ready = await vllm({
      "POST /v1/chat/completions": stream([
        piece(0, { id: "call_a", type: "function", function: { name: "hava", arguments: "" } }),
        piece(0, { function: { arguments: '{"il":' } }),
        piece(0, { function: { arguments: '"Van"}' } }),
        piece(1, { id: "call_b", type: "function", function: { name: "saat" } }),
        chatChunk({}, "stop"),
        usageChunk(9, 7),
      ]),
    });
    const events = await collect(ready.engine);
    expect(events.slice(0, -1)).toEqual([
      { type: "tool-call", call: { id: "call_a", name: "hava", arguments: '{"il":"Van"}' } },
      { type: "tool-call", call: { id: "call_b", name: "saat", arguments: "{}" } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "tool_calls" });
  });

  it("gives raw text the rest of the context when nothing limits it", async () => {
    await using ready = await vllm({
      "POST /tokenize": json({ count: 96, tokens: Array.from({ length: 96 }, (_, i) => i) }),
      "POST /v1/completions": stream([{ choices: [{ index: 0, text: "uzun", finish_reason: "length" }] }]),
    });
    expect(textOf(await collect(ready.engine, { prompt: { text: "Bir varmış" } }))).toBe("uzun");
    expect(ready.peer.bodiesOf("/v1/completions")[0]).toMatchObject({
      prompt: "Bir varmış",
      max_tokens: 4096 - 96 - 1,
    });
  });
});
