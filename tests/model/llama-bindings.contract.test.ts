import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BaseModelRejectedError } from "../../services/inference/index.ts";
import {
  loadNativeModel,
  type NativeContext,
  type NativeModel,
  type NativeSampler,
  type SamplerConfig,
} from "../../services/inference/llama/llama-bindings.ts";
import { writeLora } from "../support/gguf-writer.ts";
import { openTinyModel, silentLog } from "../support/tiny-model.ts";

/** What llama-bindings.ts needs of node-llama-cpp's internals. When one of these fails after an upgrade, do not upgrade. */
let tiny: Awaited<ReturnType<typeof openTinyModel>>;
let model: NativeModel;
let context: NativeContext;
beforeAll(async () => {
  tiny = await openTinyModel();
  model = tiny.model;
  context = await openContext();
});
afterAll(async () => {
  await context.dispose();
  await tiny.close();
});

const openContext = (more: Partial<Parameters<NativeModel["createContext"]>[0]> = {}) =>
  model.createContext({
    tokensPerSequence: 256,
    sequences: 2,
    batchTokens: 64,
    threads: 1,
    flashAttention: true,
    ...more,
  });

const greedy: SamplerConfig = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 1,
};

/** So many tokens after a prompt, in a sequence emptied before. */
async function continued(
  of: NativeContext,
  prompt: readonly number[],
  count: number,
  sampler: NativeSampler,
  sequence = 0,
): Promise<number[]> {
  of.forget(sequence, 0, -1);
  const tokens: number[] = [];
  let next: readonly number[] = prompt;
  let position = 0;
  for (let i = 0; i < count; i++) {
    const [logitIndex = -1] = await of.decode([{ sequence, position, tokens: next, wantLogits: true }]);
    const token = await of.sample(logitIndex, sampler);
    position += next.length;
    tokens.push(token);
    next = [token];
  }
  return tokens;
}

async function sampled(of: NativeContext, count: number, config: Partial<SamplerConfig> = {}): Promise<number[]> {
  const sampler = model.createSampler({ ...greedy, ...config });
  try {
    return await continued(of, model.withBeginning(model.tokenize("merhaba", false)), count, sampler);
  } finally {
    sampler.dispose();
  }
}

describe("the model", () => {
  it("describes itself", () => {
    expect(model.description).toMatchObject({
      architecture: "llama",
      trainContextSize: 512,
      embeddingSize: 64,
      gpu: false,
      gpuLayers: 0,
    });
    expect(model.description.bytes).toBeGreaterThan(100_000);
    expect(model.description.parameters).toBeGreaterThan(100_000);
    expect(model.chatTemplate).toContain("<|im_start|>");
    expect([model.bosText, model.eosText]).toEqual(["<s>", "</s>"]);
  });

  it("reads text into tokens and back, special texts only when asked to", () => {
    const text = "Şu İzmir'in ığdır yağmuru 😀";
    expect(model.detokenize(model.tokenize(text, false)).trim()).toBe(text);
    expect(model.tokenize("<|im_end|>", true)).toEqual([4]);
    expect(model.tokenize("<|im_end|>", false)).not.toContain(4);
    expect(model.tokenize("", true)).toEqual([]);
  });

  it("writes control tokens out only when asked to", () => {
    const tokens = [3, ...model.tokenize("abc", false)];
    expect(model.detokenize(tokens)).not.toContain("<|im_start|>");
    expect(model.detokenize(tokens, true)).toContain("<|im_start|>");
  });

  it("knows its control tokens, its ends and its beginning", () => {
    expect([1, 2, 3, 4].map((token) => model.isControl(token))).toEqual([true, true, true, true]);
    expect(model.isControl(400)).toBe(false);
    expect(model.endsGeneration(2)).toBe(true);
    expect(model.endsGeneration(4)).toBe(true);
    expect(model.endsGeneration(400)).toBe(false);
    expect(model.endTokens.length).toBeGreaterThan(0);
    expect(model.endTokens.every((token) => model.endsGeneration(token))).toBe(true);
    expect(model.controlText(4)).toBe("<|im_end|>");
    expect(model.withBeginning([9])).toEqual([1, 9]);
    expect(model.withBeginning([1, 9])).toEqual([1, 9]);
  });

  it("gives the bytes of a token that is only part of a character", () => {
    const tokens = model.tokenize("😀", false);
    expect(
      Buffer.from(tokens.flatMap((token) => [...model.pieceBytes(token)]))
        .toString()
        .trim(),
    ).toBe("😀");
  });

  it("renders Jinja with loops, filters and its own exceptions", () => {
    const template =
      "{% for m in messages %}{{ m['content'] | trim }}{% if not loop.last %},{% endif %}{% endfor %}{{ x | tojson }}";
    expect(model.renderTemplate(template, { messages: [{ content: " a " }, { content: "b" }], x: { k: "ş" } })).toBe(
      'a,b{"k": "ş"}',
    );
    expect(() => model.renderTemplate("{{ raise_exception('no') }}", {})).toThrow();
    expect(model.renderTemplate("{{ 1 + 1 }}", {})).toBe("2");
  });
});

describe("a context", () => {
  it("answers a logits index for each item that wants one", async () => {
    context.forget(0, 0, -1);
    context.forget(1, 0, -1);
    const indexes = await context.decode([
      { sequence: 0, position: 0, tokens: [1, 300, 301], wantLogits: false },
      { sequence: 1, position: 0, tokens: [1, 300], wantLogits: true },
    ]);
    expect(indexes[0]).toBe(-1);
    expect(indexes[1]).toBe(4);
  });

  it("keeps its sequences apart", async () => {
    const alone = await sampled(context, 8);
    const sampler = model.createSampler(greedy);
    const prompt = model.withBeginning(model.tokenize("merhaba", false));
    context.forget(1, 0, -1);
    await context.decode([{ sequence: 1, position: 0, tokens: [1, 500, 501, 502], wantLogits: false }]);
    expect(await continued(context, prompt, 8, sampler)).toEqual(alone);
    expect(await continued(context, prompt, 8, sampler, 1)).toEqual(alone);
    sampler.dispose();
  });

  it("forgets the end of a sequence and goes on from there", async () => {
    const whole = await sampled(context, 6);
    const prompt = model.withBeginning(model.tokenize("merhaba", false));
    expect(context.firstPosition(0)).toBe(0);
    expect(context.forget(0, prompt.length - 1, -1)).toBe(true);
    const [logitIndex = -1] = await context.decode([
      { sequence: 0, position: prompt.length - 1, tokens: prompt.slice(-1), wantLogits: true },
    ]);
    const sampler = model.createSampler(greedy);
    expect(await context.sample(logitIndex, sampler)).toBe(whole[0]);
    sampler.dispose();
    context.forget(0, 0, -1);
    expect(context.firstPosition(0)).toBe(-1);
  });

  it("moves cells down after a hole was cut", async () => {
    context.forget(0, 0, -1);
    await context.decode([
      { sequence: 0, position: 0, tokens: Array.from({ length: 40 }, (_, i) => 300 + i), wantLogits: false },
    ]);
    context.forget(0, 10, 20);
    context.shift(0, 20, 40, -10);
    const [logitIndex = -1] = await context.decode([{ sequence: 0, position: 30, tokens: [400], wantLogits: true }]);
    const sampler = model.createSampler(greedy);
    expect(await context.sample(logitIndex, sampler)).toBeGreaterThanOrEqual(0);
    sampler.dispose();
  });

  it("fails a step that is larger than its batch, and works on", async () => {
    const before = await sampled(context, 3);
    await expect(
      context.decode([{ sequence: 0, position: 0, tokens: new Array<number>(65).fill(300), wantLogits: true }]),
    ).rejects.toThrow();
    expect(await sampled(context, 3)).toEqual(before);
  });

  it("says how much memory it takes", () => {
    expect(context.bytes).toBeGreaterThan(100_000);
  });

  it("gives its memory back when it is disposed", async () => {
    const rss = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
    const cycle = async (): Promise<void> => {
      const large = await openContext({ tokensPerSequence: 65_536, batchTokens: 256 });
      await sampled(large, 1);
      await large.dispose();
    };
    await cycle();
    const before = rss();
    for (let i = 0; i < 6; i++) await cycle();
    // Each holds about 64 MiB of KV; six that were not freed would be seen.
    expect(rss() - before).toBeLessThan(150);
  });

  it("embeds a text", async () => {
    const embedder = await openContext({ embeddings: true, sequences: 1 });
    const vectors: number[][] = [];
    for (const text of ["merhaba", "elektrik", "merhaba"]) {
      embedder.forget(0, 0, -1);
      const tokens = model.withBeginning(model.tokenize(text, false));
      await embedder.decode([{ sequence: 0, position: 0, tokens, wantLogits: true }]);
      vectors.push([...embedder.embedding(tokens.length)]);
    }
    expect(vectors[0]).toHaveLength(64);
    expect(vectors[0]?.some((x) => x !== 0)).toBe(true);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    await embedder.dispose();
  });
});

describe("samplers", () => {
  it("repeat themselves with the same seed and differ with another", async () => {
    const runs = await Promise.resolve().then(async () => {
      const results: number[][] = [];
      for (const seed of [7, 7, 8]) results.push(await sampled(context, 20, { temperature: 1.5, seed }));
      return results;
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it("choose the most probable token at temperature 0", async () => {
    const [chosen] = await sampled(context, 1);
    const { top } = await context.weigh(
      model.withBeginning(model.tokenize("merhaba", false)).length - 1,
      chosen ?? -1,
      3,
    );
    expect(top[0]?.token).toBe(chosen);
  });

  it("avoid repetition when asked to", async () => {
    const free = await sampled(context, 60);
    const penalised = await sampled(context, 60, { repeatPenalty: 1.9 });
    expect(new Set(penalised).size).toBeGreaterThan(new Set(free).size);
  });
});

describe("a sampler held to some tokens", () => {
  const few = [300, 450, 700];
  const prompt = () => model.withBeginning(model.tokenize("merhaba", false));
  async function afterPrompt(): Promise<number> {
    context.forget(0, 0, -1);
    const [index = -1] = await context.decode([{ sequence: 0, position: 0, tokens: prompt(), wantLogits: true }]);
    return index;
  }

  it("chooses the one of them that the model prefers, and another when it is held anew", async () => {
    const index = await afterPrompt();
    const { top } = await context.weigh(index, 0, 1024);
    const preferred = top.map(({ token }) => token).filter((token) => few.includes(token));
    const sampler = model.createSampler(greedy);
    sampler.allowOnly(few);
    expect(await context.sample(index, sampler)).toBe(preferred[0]);
    sampler.allowOnly(few.filter((token) => token !== preferred[0]));
    expect(await context.sample(index, sampler)).toBe(preferred[1]);
    sampler.allowOnly([few[2] ?? -1]);
    expect(await context.sample(index, sampler)).toBe(few[2]);
    sampler.dispose();
  });

  it("draws among them by their probability under the model, and goes on with its chance when held anew", async () => {
    const index = await afterPrompt();
    const { top } = await context.weigh(index, 0, 1024);
    const weights = new Map(
      top.filter(({ token }) => few.includes(token)).map((one) => [one.token, Math.exp(one.logprob)]),
    );
    const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    const draw = async (count: number): Promise<number[]> => {
      const sampler = model.createSampler({ ...greedy, temperature: 1, seed: 5 });
      const drawn: number[] = [];
      for (let i = 0; i < count; i++) {
        sampler.allowOnly(i % 2 === 0 ? few : [...few].reverse());
        drawn.push(await context.sample(index, sampler));
      }
      sampler.dispose();
      return drawn;
    };
    const draws = 2000;
    const drawn = await draw(draws);
    for (const token of few) {
      const expected = (weights.get(token) ?? 0) / all;
      const share = drawn.filter((each) => each === token).length / draws;
      // Five standard deviations.
      expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / draws) + 1e-3);
    }
    expect(await draw(20)).toEqual(drawn.slice(0, 20));
  });
});

describe("weigh", () => {
  it("gives the softmax of the model's logits, best first", async () => {
    await sampled(context, 1);
    const index = model.withBeginning(model.tokenize("merhaba", false)).length - 1;
    const { top: all } = await context.weigh(index, 300, 1024);
    expect(all).toHaveLength(1024);
    const probabilities = all.map(({ logprob }) => Math.exp(logprob));
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    expect([...probabilities].sort((a, b) => b - a)).toEqual(probabilities);
    const few = await context.weigh(index, 300, 5);
    expect(few.top).toEqual(all.slice(0, 5));
    expect(few.logprob).toBeCloseTo(all.find(({ token }) => token === 300)?.logprob ?? 0, 5);
    const none = await context.weigh(index, 300, 0);
    expect(none.top).toEqual([]);
    expect(none.logprob).toBeCloseTo(few.logprob, 5);
  });

  it("is the same distribution that sampling follows", async () => {
    const prompt = model.withBeginning(model.tokenize("merhaba", false));
    context.forget(0, 0, -1);
    const [index = -1] = await context.decode([{ sequence: 0, position: 0, tokens: prompt, wantLogits: true }]);
    const { top } = await context.weigh(index, 0, 1);
    const best = top[0] ?? { token: -1, logprob: 0 };
    const sampler = model.createSampler({ ...greedy, temperature: 1, seed: 11 });
    let hits = 0;
    const draws = 2000;
    for (let i = 0; i < draws; i++) if ((await context.sample(index, sampler)) === best.token) hits++;
    sampler.dispose();
    const expected = Math.exp(best.logprob);
    // Five standard deviations.
    expect(Math.abs(hits / draws - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / draws) + 1e-3);
  });

  it("answers many at once without mixing them up", async () => {
    context.forget(0, 0, -1);
    context.forget(1, 0, -1);
    const indexes = await context.decode([
      { sequence: 0, position: 0, tokens: [1, 300], wantLogits: true },
      { sequence: 1, position: 0, tokens: [1, 600], wantLogits: true },
    ]);
    const alone = [await context.weigh(indexes[0] ?? -1, 300, 20), await context.weigh(indexes[1] ?? -1, 300, 20)];
    const together = await Promise.all(
      Array.from({ length: 16 }, (_, i) => context.weigh(indexes[i % 2] ?? -1, 300, 20)),
    );
    for (const [i, weights] of together.entries()) expect(weights).toEqual(alone[i % 2]);
  });
});

describe("LoRA", () => {
  it("changes what a context says, and other contexts not at all", async () => {
    const path = join(tiny.folder, "lora.gguf");
    writeLora(path, { seed: 5 });
    const before = await sampled(context, 12);
    const lora = await model.loadLora(path);
    const adapted = await openContext({ lora });
    expect(await sampled(adapted, 12)).not.toEqual(before);
    expect(await sampled(context, 12)).toEqual(before);
    await adapted.dispose();
    await lora.dispose();
  });

  it("can be freed and loaded again, with the same result", async () => {
    const path = join(tiny.folder, "again.gguf");
    writeLora(path, { seed: 6 });
    const results: number[][] = [];
    for (let i = 0; i < 3; i++) {
      const lora = await model.loadLora(path);
      const adapted = await openContext({ lora });
      results.push(await sampled(adapted, 12));
      await adapted.dispose();
      await lora.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("come, go and get contexts beside one another without harm", async () => {
    const paths = Array.from({ length: 16 }, (_, i) => join(tiny.folder, `beside-${i}.gguf`));
    for (const [i, path] of paths.entries()) writeLora(path, { seed: 200 + i });
    const comeAndGo = async (path: string): Promise<number[]> => {
      const lora = await model.loadLora(path);
      const own = await openContext({ lora });
      const tokens = await continued(own, [5, 6, 7], 2, model.createSampler(greedy));
      await own.dispose();
      await lora.dispose();
      return tokens;
    };
    const alone: number[][] = [];
    for (const path of paths) alone.push(await comeAndGo(path));
    for (let round = 0; round < 60; round++) expect(await Promise.all(paths.map(comeAndGo))).toEqual(alone);
  });

  it("of another shape is refused, and the model works on", async () => {
    const path = join(tiny.folder, "other-shape.gguf");
    writeLora(path, { dimensions: 128, heads: 8 });
    const before = await sampled(context, 5);
    await expect(model.loadLora(path)).rejects.toThrow();
    expect(await sampled(context, 5)).toEqual(before);
  });
});

describe("grammars", () => {
  const text = async (config: Partial<SamplerConfig>): Promise<string> => {
    const tokens = await sampled(context, 100, { temperature: 1, ...config });
    const end = tokens.findIndex((token) => model.endsGeneration(token));
    return model.detokenize(end < 0 ? tokens : tokens.slice(0, end));
  };

  it("force a schema's shape, each time anew", async () => {
    const schema = {
      type: "object",
      properties: { a: { type: "boolean" }, b: { enum: ["x", "y"] } },
      required: ["a", "b"],
    };
    for (const seed of [1, 2, 3]) {
      const grammar = await model.createSchemaGrammar(schema);
      const value = JSON.parse(await text({ grammar, seed })) as { a: unknown; b: unknown };
      expect(typeof value.a).toBe("boolean");
      expect(["x", "y"]).toContain(value.b);
    }
  });

  it("force JSON", async () => {
    const grammar = await model.createJsonGrammar();
    expect((await text({ grammar, seed: 3 })).trimStart()).toMatch(/^[[{"\d\-tfn]/);
  });
});

describe("loading", () => {
  it("refuses by name what is not a model", async () => {
    const path = join(tiny.folder, "not-a-model.gguf");
    writeLora(path);
    const options = { gpu: "off" as const, gpuLayers: 0, useMmap: true, threads: 1, log: silentLog };
    await expect(loadNativeModel({ ...options, path })).rejects.toBeInstanceOf(BaseModelRejectedError);
    await expect(loadNativeModel({ ...options, path: join(tiny.folder, "missing.gguf") })).rejects.toBeInstanceOf(
      BaseModelRejectedError,
    );
  });
});
