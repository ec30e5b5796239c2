import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parameterCount } from "../../../services/inference/llama/context-bytes.ts";
import { memoryNeed } from "../../../services/inference/llama/memory-need.ts";
import { readModelFile } from "../../../services/inference/llama/model-shape.ts";
import { type GgufTensor, type GgufValue, writeGguf } from "../../support/gguf-format.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-shape-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const llama: Readonly<Record<string, GgufValue>> = {
  "general.architecture": ["string", "llama"],
  "llama.block_count": ["u32", 3],
  "llama.context_length": ["u32", 4096],
  "llama.embedding_length": ["u32", 64],
  "llama.feed_forward_length": ["u32", 160],
  "llama.vocab_size": ["u32", 1000],
  "llama.attention.head_count": ["u32", 4],
};

function written(metadata: Readonly<Record<string, GgufValue>>): string {
  const path = join(folder, "model.gguf");
  const norm: GgufTensor = {
    name: "output_norm.weight",
    dimensions: [64],
    type: "F32",
    values: () => [new Float32Array(64)],
  };
  writeGguf(path, { metadata, tensors: [norm] });
  return path;
}

describe("readModelFile", () => {
  it("takes every head's size from the width, and a key-value head a head, where the header does not say", async () => {
    expect(await readModelFile(written(llama))).toEqual({
      architecture: "llama",
      trainedContext: 4096,
      bytes: 256,
      shape: {
        layers: 3,
        width: 64,
        heads: 4,
        keyValueHeads: 4,
        keySize: 16,
        valueSize: 16,
        feedForward: 160,
        vocabulary: 1000,
      },
    });
  });

  it("believes the header where it does say", async () => {
    const path = written({
      ...llama,
      "llama.attention.head_count_kv": ["u32", 2],
      "llama.attention.key_length": ["u32", 24],
      "llama.attention.value_length": ["u32", 8],
    });
    expect((await readModelFile(path)).shape).toMatchObject({ keyValueHeads: 2, keySize: 24, valueSize: 8 });
  });

  it.each([
    ["no GGUF file", () => writeFileSync(join(folder, "model.gguf"), "text")],
    ["a header without layers", () => written({ ...llama, "llama.block_count": ["string", "many"] })],
    ["a state space model", () => written({ ...llama, "llama.ssm.state_size": ["u32", 16] })],
    ["compressed keys", () => written({ ...llama, "llama.attention.kv_lora_rank": ["u32", 512] })],
  ])("refuses %s, whose memory it cannot tell", async (_, write) => {
    write();
    await expect(readModelFile(join(folder, "model.gguf"))).rejects.toMatchObject({ code: "model_shape_unknown" });
  });
});

const llama8b = {
  layers: 32,
  width: 4096,
  heads: 32,
  keyValueHeads: 8,
  keySize: 128,
  valueSize: 128,
  feedForward: 14_336,
  vocabulary: 128_256,
};

it("counts the parameters of Llama 3.1 8B as its publisher does: 8 030 261 248", () => {
  expect(parameterCount(llama8b, false)).toBe(8_030_261_248);
});

describe("memoryNeed", () => {
  const gibibyte = 2 ** 30;
  const question = {
    shape: llama8b,
    modelBytes: 4.58 * gibibyte,
    adapterBytes: 80 * 1_048_576,
    wantedAdapters: 22,
    layout: { tokensPerSequence: 8192, sequences: 4, batchTokens: 256, flashAttention: true },
  };

  it("adds up to no more than the memory there is, and one adapter more would not fit", () => {
    for (const memory of [16, 24, 40, 80]) {
      const need = memoryNeed({ ...question, memoryBytes: memory * gibibyte });
      const perAdapter = need.bytesPerContext + question.adapterBytes;
      expect(need.totalBytes).toBeLessThanOrEqual(memory * gibibyte);
      expect(need.totalBytes + perAdapter).toBeGreaterThan(memory * gibibyte);
      expect(need.adaptersThatFit).toBe(need.residentAdapters);
    }
  });

  it("keeps no more adapters than are wanted, however much memory there is", () => {
    const need = memoryNeed({ ...question, memoryBytes: 1000 * gibibyte });
    expect(need.residentAdapters).toBe(22);
    expect(need.adaptersThatFit).toBeGreaterThan(22);
    expect(need.totalBytes).toBe(need.wantedBytes);
  });

  it("says that nothing fits where not even one adapter does", () => {
    expect(memoryNeed({ ...question, memoryBytes: 8 * gibibyte }).residentAdapters).toBe(0);
  });
});
