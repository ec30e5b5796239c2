import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GenerateEvent, GenerateRequest } from "../../services/inference/index.ts";
import { LlamaEngine, type LlamaEngineOptions } from "../../services/inference/llama/llama-engine.ts";
import { writeLora, writeTinyModel } from "./gguf-writer.ts";
import { silentLog } from "./tiny-model.ts";

export interface TinyEngine {
  readonly engine: LlamaEngine;
  readonly folder: string;
  readonly adapterFolder: string;
  readonly baseSha256: string;
  readonly warnings: { readonly facts: object; readonly event: string }[];
  readonly close: () => Promise<void>;
}

type TinyEngineOptions = Partial<LlamaEngineOptions> & {
  readonly adapters?: number;
  /** Called when base and adapters are written and nothing is loaded yet. */
  readonly prepare?: (folders: {
    readonly folder: string;
    readonly adapterFolder: string;
    readonly baseSha256: string;
  }) => void;
};

/** The real engine on a model of random weights with so many adapters `a1@1`, `a2@1`, …; one thread. */
export async function openTinyEngine(options: TinyEngineOptions = {}): Promise<TinyEngine> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-engine-"));
  try {
    return await openIn(folder, options);
  } catch (refused) {
    rmSync(folder, { recursive: true, force: true });
    throw refused;
  }
}

async function openIn(folder: string, options: TinyEngineOptions): Promise<TinyEngine> {
  const { adapters = 2, prepare, ...more } = options;
  const adapterFolder = join(folder, "adapters");
  mkdirSync(adapterFolder);
  const path = join(folder, "base.gguf");
  writeTinyModel(path);
  for (let i = 1; i <= adapters; i++) writeLora(join(adapterFolder, `a${i}-v1.gguf`), { seed: 100 + i });
  const baseSha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  prepare?.({ folder, adapterFolder, baseSha256 });
  const warnings: { facts: object; event: string }[] = [];
  const engine = await LlamaEngine.open({
    base: { id: "tiny", path, sha256: baseSha256 },
    adapterFolder,
    manifest: undefined,
    gpu: "off",
    gpuLayers: 0,
    useMmap: true,
    flashAttention: true,
    threads: 1,
    contextSize: 512,
    sequencesPerAdapter: 4,
    maxResidentAdapters: 8,
    contextMemoryBytes: 512 * 1024 * 1024,
    batchTokens: 64,
    queueLimit: 64,
    queueTimeoutMs: 30_000,
    log: { ...silentLog, warn: (facts, event) => warnings.push({ facts, event }) },
    nowMs: () => performance.now(),
    ...more,
  });
  return {
    engine,
    folder,
    adapterFolder,
    baseSha256,
    warnings,
    close: async () => {
      await engine[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function collect(events: AsyncIterable<GenerateEvent>) {
  let text = "";
  let end: Extract<GenerateEvent, { type: "end" }> | undefined;
  const all: GenerateEvent[] = [];
  for await (const event of events) {
    all.push(event);
    if (event.type === "text-delta") text += event.text;
    if (event.type === "end") end = event;
  }
  if (end === undefined) throw new Error("The reply did not say how it ended.");
  return { text, end, all };
}

/** A greedy reply of so many tokens. */
export async function say(engine: LlamaEngine, text: string, more: Partial<GenerateRequest> = {}) {
  return await collect(
    engine.generate({ prompt: { messages: [{ role: "user", content: text }] }, maxTokens: 24, ...more }),
  );
}
