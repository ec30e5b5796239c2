import { describe, expect, it, vi } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import { AdapterNotFoundError, UnsupportedFeatureError } from "../../../services/inference/index.ts";
import { collect, merhaba } from "./collect.ts";
import { type Answer, chatChunk, json, scriptedPeer, stream } from "./scripted-peer.ts";

/** As llama-server answers: llama.cpp, tools/server/README.md; the real one is asked in tests/services. */
const adapters = json([
  { id: 0, path: "/srv/adapters/legal-v1.gguf", scale: 1 },
  { id: 1, path: "/srv/adapters/legal-v10.gguf", scale: 1 },
  { id: 2, path: "health.gguf", scale: 1 },
]);
const timings = {
  cache_n: 4,
  prompt_n: 6,
  prompt_ms: 3,
  prompt_per_token_ms: 0.5,
  prompt_per_second: 2000,
  predicted_n: 1,
  predicted_ms: 2,
  predicted_per_token_ms: 2,
  predicted_per_second: 500,
};
const reply = stream([chatChunk({ content: "Selam" }), chatChunk({}, "stop", { timings })]);

async function llamaServer(answers: Readonly<Record<string, Answer>>, trustPrefixCache = false) {
  const peer = await scriptedPeer({ "GET /lora-adapters": adapters, "POST /v1/chat/completions": reply, ...answers });
  const engine = createHttpEngine({ dialect: "llama-server", url: peer.url, trustPrefixCache });
  return {
    peer,
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describe("the llama-server dialect", () => {
  it("sends every adapter's scale, so that none applies by default", async () => {
    await using ready = await llamaServer({});
    const scales = async (adapterId?: string) => {
      await collect(ready.engine, { ...merhaba, ...(adapterId === undefined ? {} : { adapterId }) });
      const lora = ready.peer.bodiesOf("/v1/chat/completions").at(-1)?.["lora"] as { scale: number }[] | undefined;
      return lora?.map(({ scale }) => scale);
    };
    expect(await scales()).toEqual([0, 0, 0]);
    expect(await scales("health@1")).toEqual([0, 0, 1]);
    expect(await scales("legal@1")).toEqual([1, 0, 0]);
    expect(await scales("legal")).toEqual([0, 1, 0]);
    await expect(collect(ready.engine, { ...merhaba, adapterId: "legal@3" })).rejects.toBeInstanceOf(
      AdapterNotFoundError,
    );
  });

  it("computes prompts anew unless the server's prompt cache is said to be off", async () => {
    await using careful = await llamaServer({});
    await using trusting = await llamaServer({}, true);
    await using bare = await llamaServer({ "GET /lora-adapters": json([]) });
    for (const ready of [careful, trusting, bare]) await collect(ready.engine, { ...merhaba, reusePrefix: true });
    expect(careful.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({ cache_prompt: false });
    expect(trusting.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({ cache_prompt: true });
    expect(bare.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({ cache_prompt: true });
  });

  it("takes the server's own timings, and what they leave of the wait as queueing", async () => {
    await using ready = await llamaServer({});
    const end = (await collect(ready.engine)).at(-1);
    expect(end).toMatchObject({ usage: { promptTokens: 10, cachedTokens: 4, completionTokens: 1 }, timings });
    expect(end?.type === "end" && end.timings.queue_ms).toBeGreaterThanOrEqual(0);
  });

  it("asks for the adapters again after the connection broke, since their numbers may have changed", async () => {
    const answer: Answer = (call, response) => {
      response.setHeader("connection", "close");
      return reply(call, response);
    };
    await using ready = await llamaServer({ "POST /v1/chat/completions": answer });
    await vi.waitFor(async () => {
      await collect(ready.engine);
      expect(ready.peer.asked.filter(({ path }) => path === "/lora-adapters").length).toBeGreaterThan(1);
    });
  });

  it("refuses tools when the chat template would not show them", async () => {
    const messages = [{ role: "user" as const, content: "x" }];
    const prompt = { messages, tools: [{ name: "a" }, { name: "b" }], toolChoice: { name: "b" } };
    await using without = await llamaServer({ "GET /props": json({ chat_template_caps: { supports_tools: false } }) });
    await expect(collect(without.engine, { prompt })).rejects.toBeInstanceOf(UnsupportedFeatureError);
    await using knowing = await llamaServer({ "GET /props": json({ chat_template_caps: { supports_tools: true } }) });
    await collect(knowing.engine, { prompt });
    expect(knowing.peer.bodiesOf("/v1/chat/completions")[0]).toMatchObject({
      tools: [{ function: { name: "b" } }],
      tool_choice: "required",
    });
  });

  it("is unavailable while it loads its model", async () => {
    const loading = json({ error: { code: 503, message: "Loading model", type: "unavailable_error" } }, 503);
    await using ready = await llamaServer({ "GET /lora-adapters": loading, "POST /v1/chat/completions": loading });
    await expect(collect(ready.engine)).rejects.toMatchObject({ code: "engine_unavailable", status: 503 });
  });

  it("names a model given by path by its file", async () => {
    await using ready = await llamaServer({
      "GET /props": json({ default_generation_settings: { n_ctx: 512 }, total_slots: 4, chat_template: "x" }),
      "GET /v1/models": json({
        data: [{ id: "/srv/models/base.gguf", meta: { n_params: 10, size: 20, ftype: "Q4_0" } }],
      }),
    });
    const { base, capacity, adapters: listed } = await ready.engine.status();
    expect(base).toMatchObject({
      id: "base.gguf",
      contextSize: 512,
      parameters: 10,
      bytes: 20,
      quantization: "Q4_0",
      chatTemplate: true,
    });
    expect(capacity.total).toBe(4);
    expect(listed.map(({ id, file }) => [id, file])).toEqual([
      ["legal@1", "legal-v1.gguf"],
      ["legal@10", "legal-v10.gguf"],
      ["health@1", "health.gguf"],
    ]);
  });
});
