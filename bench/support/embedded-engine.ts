import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Logger } from "../../services/foundation/index.ts";
import { type GenerateRequest, loadManifest, type Timings, type Usage } from "../../services/inference/index.ts";
import type { LlamaEngine } from "../../services/inference/llama/llama-engine.ts";
import { openEngine } from "../../services/main/open/open-engine.ts";
import { loadSettings } from "../../services/settings/index.ts";

/** A bench that goes on with a fault would measure something else: warnings become errors. */
const strict: Logger = {
  debug: () => {},
  info: () => {},
  warn: (facts, event) => {
    throw new Error(`${event} ${JSON.stringify(facts)}`);
  },
  error: (facts, event) => {
    throw new Error(`${event} ${JSON.stringify(facts)}`);
  },
};

/** The embedded model in this process, opened as infer opens it, with the settings' defaults. */
export async function openEmbeddedEngine(models: string, threads: number): Promise<LlamaEngine> {
  const dataFolder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  try {
    const settings = loadSettings(resolve("configs"), {
      ...embeddedEnvironment(models, dataFolder),
      SEKTOR_THREADS: String(threads),
    });
    return await openEngine(settings, {
      log: strict,
      nowMs: () => performance.now(),
      signal: AbortSignal.timeout(120_000),
      onAlive: () => {},
    });
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** Where the parts of the embedded model are. @throws Error there is no manifest */
export function embeddedModel(models: string): {
  readonly model: string;
  readonly manifest: string;
  readonly adapters: string;
} {
  const path = join(models, "manifest.json");
  const manifest = loadManifest(path);
  if (manifest === undefined) throw new Error(`There is no manifest.json in ${models}.`);
  return { model: join(models, manifest.base.file), manifest: path, adapters: join(models, "adapters") };
}

/** What tells a process of ours to run the embedded model on the processor, with this data folder. */
export function embeddedEnvironment(models: string, dataFolder: string) {
  const { model, manifest, adapters } = embeddedModel(models);
  return {
    SEKTOR_MODEL: model,
    SEKTOR_MODEL_MANIFEST: manifest,
    SEKTOR_ADAPTERS: adapters,
    SEKTOR_DATA: dataFolder,
    SEKTOR_GPU: "off",
  } as const;
}

/** Ids of the adapters the manifest lists, in its order. */
export function adapterIds(models: string): readonly string[] {
  return (loadManifest(join(models, "manifest.json"))?.adapters ?? []).map(({ name, version }) => `${name}@${version}`);
}

export interface WholeReply {
  readonly text: string;
  readonly usage: Usage;
  readonly timings: Timings;
}

export async function wholeReply(engine: LlamaEngine, request: GenerateRequest): Promise<WholeReply> {
  let text = "";
  for await (const event of engine.generate(request)) {
    if (event.type === "text-delta") text += event.text;
    else if (event.type === "end") return { text, usage: event.usage, timings: event.timings };
  }
  throw new Error("The engine ended a reply without saying how.");
}
