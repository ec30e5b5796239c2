import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadNativeModel, type NativeModel } from "../../services/inference/llama/llama-bindings.ts";
import { writeTinyModel } from "./gguf-writer.ts";

export const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A model of random weights, written and loaded; one thread, no GPU. */
export async function openTinyModel(options: Parameters<typeof writeTinyModel>[1] = {}): Promise<{
  readonly model: NativeModel;
  readonly folder: string;
  readonly close: () => Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-tiny-"));
  const path = join(folder, "base.gguf");
  writeTinyModel(path, options);
  const model = await loadNativeModel({ path, gpu: "off", gpuLayers: 0, useMmap: true, threads: 1, log: silentLog });
  return {
    model,
    folder,
    close: async () => {
      await model.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
