import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { createHttpEngine } from "../../services/engine-client/index.ts";
import { buildEngineApp } from "../../services/engine-http/index.ts";
import { Disposal } from "../../services/foundation/index.ts";
import { LlamaEngine } from "../../services/inference/llama/llama-engine.ts";
import { describeEngine } from "../conformance/engine.conformance.ts";
import { writeLora, writeTinyModel } from "../support/gguf-writer.ts";

const capabilities = {
  embeddings: true,
  loading: { id: "sonradan@3", path: "sonradan.gguf" },
  logprobs: true,
  jsonSchema: true,
  tools: true,
  tokenPieces: true,
  choices: true,
} as const;
const facts = { adapters: ["bir@1", "iki@1"], places: 2 } as const;

describeEngine(
  "LlamaEngine",
  async () => {
    const disposal = new Disposal();
    const engine = await openTinyEngine(disposal);
    return { ...facts, engine, [Symbol.asyncDispose]: () => disposal.close() };
  },
  capabilities,
);

describeEngine(
  "infer over a unix socket",
  async () => {
    const disposal = new Disposal();
    const behind = await openTinyEngine(disposal);
    const folder = temporaryFolder(disposal);
    const app = await buildEngineApp({
      engine: behind,
      logger: pino({ level: "silent" }),
      bodyLimitBytes: 1_048_576,
      replyTimeoutMs: 60_000,
      metrics: async () => "",
    });
    disposal.own(app, (opened) => opened.close());
    const socketPath = join(folder, "infer.sock");
    await app.listen({ path: socketPath });
    const engine = disposal.own(createHttpEngine({ dialect: "sektor", socketPath }), (opened) =>
      opened[Symbol.asyncDispose](),
    );
    return { ...facts, engine, [Symbol.asyncDispose]: () => disposal.close() };
  },
  capabilities,
);

/** A random tiny model with two adapters, and a third that nobody has found yet. */
async function openTinyEngine(disposal: Disposal): Promise<LlamaEngine> {
  const folder = temporaryFolder(disposal);
  const adapterFolder = join(folder, "adapters");
  mkdirSync(adapterFolder);
  const path = join(folder, "base.gguf");
  writeTinyModel(path);
  writeLora(join(adapterFolder, "bir-v1.gguf"), { seed: 11 });
  writeLora(join(adapterFolder, "iki-v1.gguf"), { seed: 12 });
  const engine = await LlamaEngine.open({
    base: { id: "tiny", path, sha256: "0".repeat(64) },
    adapterFolder,
    manifest: undefined,
    gpu: "off",
    gpuLayers: 0,
    useMmap: true,
    flashAttention: true,
    threads: 1,
    contextSize: 512,
    sequencesPerAdapter: facts.places,
    maxResidentAdapters: 4,
    contextMemoryBytes: 268_435_456,
    batchTokens: 64,
    queueLimit: 16,
    queueTimeoutMs: 30_000,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    nowMs: () => performance.now(),
  });
  disposal.own(engine, (opened) => opened[Symbol.asyncDispose]());
  copyFileSync(join(adapterFolder, "bir-v1.gguf"), join(adapterFolder, "sonradan.gguf"));
  return engine;
}

function temporaryFolder(disposal: Disposal): string {
  return disposal.own(mkdtempSync(join(tmpdir(), "sektor-engine-")), (folder) =>
    rmSync(folder, { recursive: true, force: true }),
  );
}
