import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSha256 } from "../../services/inference/file-fingerprint.ts";
import { adapterBytes, contextBytes } from "../../services/inference/llama/context-bytes.ts";
import { loadNativeModel, type NativeModel } from "../../services/inference/llama/llama-bindings.ts";
import { LlamaEngine } from "../../services/inference/llama/llama-engine.ts";
import { memoryNeed } from "../../services/inference/llama/memory-need.ts";
import { type ModelFile, readModelFile } from "../../services/inference/llama/model-shape.ts";
import { openTinyModel, silentLog } from "../support/tiny-model.ts";

const path = "models/base/sektor-base-v1.gguf";
let file: ModelFile;
beforeAll(async () => {
  file = await readModelFile(path);
});

describe("sektor capacity beside the real engine, embedded model", () => {
  it("predicts the memory plan that the engine prints at its start", async () => {
    const wantedAdapters = 22;
    const layout = { tokensPerSequence: 1024, sequences: 4, batchTokens: 256, flashAttention: true };
    const modelBytes = file.bytes;
    const weights = adapterBytes(file.shape, 16);
    const predicted = memoryNeed({ ...file, modelBytes, adapterBytes: weights, wantedAdapters, layout });
    await using engine = await LlamaEngine.open({
      base: { id: "base", path, sha256: await fileSha256(path) },
      adapterFolder: "models/adapters",
      manifest: undefined,
      gpu: "off",
      gpuLayers: 0,
      useMmap: true,
      flashAttention: layout.flashAttention,
      threads: 1,
      contextSize: 0,
      sequencesPerAdapter: layout.sequences,
      maxResidentAdapters: wantedAdapters,
      contextMemoryBytes: predicted.contextMemoryMiB * 1_048_576,
      batchTokens: layout.batchTokens,
      queueLimit: 1,
      queueTimeoutMs: 1000,
      log: silentLog,
      nowMs: () => performance.now(),
    });
    expect(engine.memory.modelBytes).toBe(modelBytes);
    expect(engine.memory.residentAdapters).toBe(wantedAdapters);
    expect(engine.memory.bytesPerContext).toBe(predicted.bytesPerContext);
    expect(engine.memory.formula).toBe(predicted.formula);
    const { adapters, capacity } = await engine.status();
    expect(adapters).toHaveLength(wantedAdapters);
    expect(capacity.total).toBe(predicted.places);
  });

  it("predicts what an adapter's weights take, but for the file's header", async () => {
    for (const name of readdirSync("models/adapters")) {
      const { size } = statSync(join("models/adapters", name));
      expect(size / adapterBytes(file.shape, 16), name).toBeCloseTo(1, 1);
    }
  });
});

describe("contextBytes beside contexts of llama.cpp", () => {
  let model: NativeModel;
  beforeAll(async () => {
    model = await loadNativeModel({ path, gpu: "off", gpuLayers: 0, useMmap: true, threads: 1, log: silentLog });
  });
  afterAll(() => model?.dispose());

  it.each([
    { tokensPerSequence: 1024, sequences: 1, batchTokens: 256, flashAttention: true },
    { tokensPerSequence: 1000, sequences: 3, batchTokens: 8, flashAttention: true },
    { tokensPerSequence: 512, sequences: 16, batchTokens: 512, flashAttention: true },
    { tokensPerSequence: 4096, sequences: 2, batchTokens: 256, flashAttention: true },
    { tokensPerSequence: 1024, sequences: 1, batchTokens: 1024, flashAttention: true, embeddings: true },
    { tokensPerSequence: 1024, sequences: 4, batchTokens: 256, flashAttention: false },
    { tokensPerSequence: 2048, sequences: 4, batchTokens: 256, flashAttention: false },
  ])("is right within two in a hundred for %j", async (layout) => {
    const context = await model.createContext({ ...layout, threads: 1 });
    const { bytes } = context;
    await context.dispose();
    const ratio = bytes / contextBytes(file.shape, layout);
    expect(ratio).toBeGreaterThan(0.98);
    expect(ratio).toBeLessThan(1.02);
  });

  it("is never too little, and at most a tenth too much, where the feed-forward network takes more than the logits", async () => {
    const shape = { layers: 4, heads: 16, keyValueHeads: 4, feedForward: 8192, vocabulary: 2048 };
    const opened = await openTinyModel({ ...shape, dimensions: 1024, contextSize: 8192, type: "Q4_0" });
    try {
      const { shape: read } = await readModelFile(join(opened.folder, "base.gguf"));
      for (const tokensPerSequence of [1024, 4096, 8192]) {
        const layout = { tokensPerSequence, sequences: 1, batchTokens: 256, flashAttention: true };
        const context = await opened.model.createContext({ ...layout, threads: 1 });
        const ratio = context.bytes / contextBytes(read, layout);
        await context.dispose();
        expect(ratio, String(tokensPerSequence)).toBeGreaterThan(0.9);
        expect(ratio, String(tokensPerSequence)).toBeLessThanOrEqual(1);
      }
    } finally {
      await opened.close();
    }
  });
});
