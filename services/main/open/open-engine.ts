import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Logger } from "../../foundation/index.ts";
import { largeFileBytes, rememberedSha256 } from "../../inference/file-fingerprint.ts";
import { BaseModelRejectedError, type EngineObserver, loadManifest } from "../../inference/index.ts";
import { LlamaEngine } from "../../inference/llama/llama-engine.ts";
import { createProgressBar, type ResolvedModel, resolveModel } from "../../models/index.ts";
import type { Settings } from "../../settings/index.ts";

export interface OpenEngineOptions {
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Called while a download, a checksum or the loading goes on, so that whoever waits for the start knows that it does. */
  readonly onAlive: () => void;
  readonly observer?: EngineObserver;
}

/** From settings to a loaded engine: finds or downloads the base, checks it against its manifest, opens llama.cpp on it. */
export async function openEngine(settings: Settings, options: OpenEngineOptions): Promise<LlamaEngine> {
  const { model, inference } = settings;
  const { log, nowMs, signal, onAlive } = options;
  const resolved = await findModel(settings, options);
  const fingerprints = join(settings.storage.folder, "fingerprints.json");
  const { size } = await stat(resolved.path);
  const sha256 = await shown("Doğrulanıyor", size, onAlive, (onProgress) =>
    rememberedSha256(resolved.path, fingerprints, { signal, onProgress, noted: resolved.sha256 }),
  );
  const manifest = loadManifest(model.manifest);
  const listed =
    manifest !== undefined && basename(manifest.base.file) === basename(resolved.path) ? manifest.base : undefined;
  const expected = model.sha256 === "" ? listed?.sha256 : model.sha256;
  if (expected !== undefined && expected !== sha256) {
    throw new BaseModelRejectedError(
      "its bytes are not those the manifest or the settings name (truncated or altered file)",
    );
  }
  return await shown("Yükleniyor", size, onAlive, (onProgress) =>
    LlamaEngine.open({
      base: { id: model.id === "" ? (listed?.id ?? resolved.id) : model.id, path: resolved.path, sha256 },
      adapterFolder: resolve(model.adapterFolder),
      manifest,
      gpu: inference.gpu,
      gpuLayers: inference.gpuLayers,
      useMmap: inference.useMmap,
      flashAttention: inference.flashAttention,
      threads: inference.threads,
      contextSize: inference.contextSize,
      sequencesPerAdapter: inference.sequencesPerAdapter,
      maxResidentAdapters: inference.maxResidentAdapters,
      contextMemoryBytes: inference.contextMemoryMiB * 1024 * 1024,
      batchTokens: inference.batchTokens,
      queueLimit: inference.queueLimit,
      queueTimeoutMs: inference.queueTimeoutMs,
      log,
      nowMs,
      observer: options.observer,
      onProgress: (fraction) => onProgress(Math.round(fraction * size), size),
    }),
  );
}

/** A step that reads a file: with a bar where that takes a while, and with word to those who wait. */
async function shown<T>(
  label: string,
  fileBytes: number,
  onAlive: () => void,
  step: (onProgress: (doneBytes: number, totalBytes: number) => void) => Promise<T>,
): Promise<T> {
  const bar = fileBytes < largeFileBytes ? undefined : createProgressBar(process.stderr, { label });
  try {
    return await step((doneBytes, totalBytes) => {
      bar?.update(doneBytes, totalBytes);
      onAlive();
    });
  } finally {
    bar?.stop();
  }
}

async function findModel({ model }: Settings, { signal, onAlive }: OpenEngineOptions): Promise<ResolvedModel> {
  const bar = createProgressBar(process.stderr);
  try {
    return await resolveModel(model.source, {
      cacheFolder: model.cacheFolder,
      hubUrl: model.hubUrl,
      hubToken: model.hubToken,
      signal,
      // A file of one's own is checked together with its fingerprint, in one reading.
      ...(existsSync(model.source) ? {} : { sha256: model.sha256 }),
      onProgress: ({ receivedBytes, totalBytes }) => {
        bar.update(receivedBytes, totalBytes);
        onAlive();
      },
    });
  } finally {
    bar.stop();
  }
}
