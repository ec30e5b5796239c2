import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { EnvHttpProxyAgent } from "undici";
import { downloadFile, type ModelFormat } from "./download-file.ts";
import { InvalidModelSourceError, ModelChecksumError, ModelNotFoundError } from "./errors.ts";
import { filesOf, type HubSource, hubFileUrl } from "./hub-files.ts";
import { idOf, parseModelSource } from "./model-source.ts";
import { defaultNetworkLimits, type NetworkLimits } from "./network-limits.ts";
import type { Hub, RequestContext } from "./open-download.ts";

export interface ModelProgress {
  /** Bytes on disk, those of an earlier run included; never falls except when a download must begin anew. */
  readonly receivedBytes: number;
  /** Undefined while the server has not said. Of a split model: of the parts known so far. */
  readonly totalBytes: number | undefined;
}

export interface ResolveModelOptions {
  /** Where downloads are kept; created when missing. Relative to the working folder. */
  readonly cacheFolder: string;
  /** SHA-256 the (first) file must have, hex; undefined or empty: what the hub says, or no check. */
  readonly sha256?: string;
  /** The id clients see; undefined or empty: the file's name. */
  readonly id?: string;
  /** What a download must be; default `GGUF`. Hubs are asked for GGUF only. */
  readonly format?: ModelFormat;
  readonly hubUrl?: string;
  /** Sent to `hubUrl`'s own origin only. */
  readonly hubToken?: string;
  readonly onProgress?: (progress: ModelProgress) => void;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<NetworkLimits>;
}

export interface ResolvedModel {
  /** Absolute path of the GGUF; of a split model, its first part. */
  readonly path: string;
  readonly id: string;
  /** Of the file at `path`, where it was computed: after a download, or when one was expected. */
  readonly sha256?: string;
}

/**
 * The model file a setting means, on this disk: a path as it is, anything else downloaded once into the cache.
 * A file already in the cache is used without asking the network.
 * @param source GGUF path, http(s) URL, `hf:owner/repository[@revision]/file.gguf` or `hf:owner/repository[@revision][:QUANT]`
 * @throws {InvalidModelSourceError} @throws {ModelNotFoundError} @throws {ModelAccessError} @throws {ModelDownloadError}
 * @throws {ModelChecksumError} @throws {ModelDiskFullError} @throws {ModelNotGgufError}; `signal`'s reason once it fires
 */
export async function resolveModel(source: string, options: ResolveModelOptions): Promise<ResolvedModel> {
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const parsed = parseModelSource(source);
  if (parsed.kind === "file") return await resolveFile(parsed.path, options, signal);

  const limits = { ...defaultNetworkLimits, ...options.limits };
  const hubUrl = options.hubUrl ?? "https://huggingface.co";
  if (!URL.canParse(hubUrl)) throw new InvalidModelSourceError(hubUrl);
  const hub = { url: new URL(hubUrl), token: options.hubToken ?? "" };
  // Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY: company networks often have no other way out.
  const dispatcher = new EnvHttpProxyAgent({
    headersTimeout: limits.idleTimeoutMs,
    bodyTimeout: limits.idleTimeoutMs,
    connect: { timeout: limits.idleTimeoutMs },
  });
  const context = (label: string): RequestContext => ({ dispatcher, hub, signal, label });
  try {
    if (parsed.kind === "url") return await resolveUrl(parsed.url, options, context, limits);
    return await resolveHub(parsed, options, context, hub, limits);
  } finally {
    await dispatcher.destroy();
  }
}

async function resolveFile(path: string, options: ResolveModelOptions, signal: AbortSignal): Promise<ResolvedModel> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => undefined);
  if (found === undefined) throw new ModelNotFoundError(path);
  if (!found.isFile()) throw new ModelNotFoundError(path, { en: "It is not a file.", tr: "Bu bir dosya değil." });
  const readable = await access(absolute, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!readable) throw new ModelNotFoundError(path, { en: "It cannot be read.", tr: "Dosya okunamıyor." });
  const result = { path: absolute, id: options.id || idOf(absolute) };
  if (!options.sha256) return result;
  const hash = createHash("sha256");
  for await (const piece of createReadStream(absolute, { highWaterMark: 1 << 20, signal }))
    hash.update(piece as Buffer);
  const sha256 = hash.digest("hex");
  if (sha256 !== options.sha256) throw new ModelChecksumError(basename(path), options.sha256, sha256);
  return { ...result, sha256 };
}

type ContextFor = (label: string) => RequestContext;

async function resolveUrl(
  url: URL,
  options: ResolveModelOptions,
  contextFor: ContextFor,
  limits: NetworkLimits,
): Promise<ResolvedModel> {
  const name = fileNameIn(url);
  // Two URLs may end in the same name; the digest keeps them apart, queries included.
  const folder = createHash("sha256").update(url.href).digest("hex").slice(0, 16);
  const path = resolve(options.cacheFolder, folderOf(url), folder, name);
  const onProgress = (receivedBytes: number, totalBytes: number | undefined) =>
    options.onProgress?.({ receivedBytes, totalBytes });
  const label = `${url.host}/…/${name}`;
  const sha256 = await downloadFile(
    { url, path, sha256: options.sha256 || undefined, format: options.format ?? "GGUF", onProgress },
    contextFor(label),
    limits,
  );
  return { path, id: options.id || idOf(name), sha256 };
}

async function resolveHub(
  source: HubSource,
  options: ResolveModelOptions,
  contextFor: ContextFor,
  hub: Hub,
  limits: NetworkLimits,
): Promise<ResolvedModel> {
  const repository = `${source.owner}/${source.repository}`;
  const folder = resolve(options.cacheFolder, folderOf(hub.url), source.owner, source.repository, source.revision);
  const choicePath = join(folder, `.choice-${source.quantization ?? "default"}.json`);
  const files = await filesOf(source, choicePath, contextFor(`hf:${repository}`), limits);
  const expected = (index: number) => (index === 0 && options.sha256 ? options.sha256 : files[index]?.sha256);
  const sizes = files.map(({ bytes }) => bytes);
  let doneBytes = 0;
  let first: ResolvedModel | undefined;
  for (const [index, file] of files.entries()) {
    const path = join(folder, ...file.path.split("/"));
    let received = 0;
    const onProgress = (receivedBytes: number, totalBytes: number | undefined) => {
      received = receivedBytes;
      sizes[index] = totalBytes ?? sizes[index];
      const known = sizes.filter((size) => size !== undefined);
      const total = known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0);
      options.onProgress?.({ receivedBytes: doneBytes + receivedBytes, totalBytes: total });
    };
    const url = hubFileUrl(hub, source, file.path);
    const download = { url, path, sha256: expected(index), format: "GGUF" as const, onProgress };
    const sha256 = await downloadFile(download, contextFor(`hf:${repository}/${file.path}`), limits);
    doneBytes += received;
    first ??= { path, id: options.id || idOf(file.path), sha256 };
  }
  if (first === undefined) throw new ModelNotFoundError(`hf:${repository}`);
  return first;
}

/** The host, colon of the port replaced: Windows allows none in a folder's name. */
function folderOf(url: URL): string {
  return url.host.replaceAll(/[^A-Za-z0-9.-]/g, "_");
}

function fileNameIn(url: URL): string {
  const last = url.pathname.split("/").at(-1) ?? "";
  let decoded = last;
  try {
    decoded = decodeURIComponent(last);
  } catch {
    // A stray % stays as it is.
  }
  const tame = decoded
    .replaceAll(/[^\p{L}\p{N}._-]/gu, "_")
    .replace(/^\.+/, "")
    .slice(-120);
  return tame === "" ? "model.gguf" : tame;
}
