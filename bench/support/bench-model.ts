import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchShape, writeLora, writeTinyModel } from "../../tests/support/gguf-writer.ts";

/** A model of realistic weight whose words mean nothing, and adapters for it. */
export interface BenchModel {
  readonly model: string;
  readonly adapterFolder: string;
  /** Adapter ids; the file of each is `<id>.gguf` in the folder. */
  readonly ids: readonly string[];
  readonly description: string;
}

/** Part of the folder's name: files written in another way must not be mistaken for these. */
const revision = 1;
const vocabulary = 32_000;
const rank = 16;

/** Written once into the cache folder (about 0.6 GB), then reused. A small one for a quick run. */
export function benchModel(cache: string, adapters: number, quick: boolean): BenchModel {
  const shape = quick
    ? { ...benchShape, dimensions: 256, layers: 4, heads: 4, keyValueHeads: 1, feedForward: 704 }
    : benchShape;
  const folder = join(cache, `bench-model-${quick ? "quick-" : ""}${revision}`);
  const adapterFolder = join(folder, `adapters-${adapters}`);
  const model = join(folder, "base.gguf");
  const ids = Array.from({ length: adapters }, (_, at) => `voice${String(at + 1).padStart(2, "0")}@1`);
  mkdirSync(adapterFolder, { recursive: true });
  writeOnce(model, (path) => writeTinyModel(path, { ...shape, vocabulary, contextSize: 2048, type: "Q4_0", seed: 7 }));
  for (const [at, id] of ids.entries()) {
    // Weak enough that greedy replies stay varied, strong enough to change each.
    writeOnce(join(adapterFolder, `${id}.gguf`), (path) =>
      writeLora(path, { ...shape, rank, alpha: rank / 2, seed: 100 + at, type: "F16" }),
    );
  }
  const { dimensions, layers, heads, keyValueHeads } = shape;
  const size = quick ? "tiny" : "0.33 B parameters";
  return {
    model,
    adapterFolder,
    ids,
    description: `random Llama, ${size}: d=${dimensions}, ${layers} layers, ${heads} heads (${keyValueHeads} for KV), vocabulary ${vocabulary}, Q4_0; ${adapters} adapters of rank ${rank} on all seven linears, F16`,
  };
}

/** Under another name first: a run that is stopped leaves no half file behind. */
function writeOnce(path: string, write: (path: string) => void): void {
  if (existsSync(path)) return;
  const unfinished = `${path}.part`;
  writeFileSync(unfinished, "");
  write(unfinished);
  renameSync(unfinished, path);
}
