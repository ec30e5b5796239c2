import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ModelDownloadError, ModelNotFoundError } from "./errors.ts";
import { isSafeRepositoryPath, type ModelSource, partsOf } from "./model-source.ts";
import type { NetworkLimits } from "./network-limits.ts";
import {
  connectionFault,
  type Hub,
  type OpenedDownload,
  openDownload,
  type RequestContext,
  TransientFailure,
} from "./open-download.ts";
import { retrying } from "./retrying.ts";

export type HubSource = Extract<ModelSource, { kind: "hub" }>;

export interface HubFile {
  /** Path inside the repository. */
  readonly path: string;
  /** As the hub's listing promises it, hex. */
  readonly sha256: string | undefined;
  readonly bytes: number | undefined;
}

const pageLimit = 20;
const pageBytes = 8 << 20;
/** What people take when they name the repository only; llama.cpp chooses alike. */
const usualQuantization = "Q4_K_M";

export function hubFileUrl(hub: Hub, source: HubSource, path: string): URL {
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  return new URL(`${base(hub)}/${source.owner}/${source.repository}/resolve/${source.revision}/${escaped}`);
}

/**
 * The files a hub source means: the named one, or those of the wanted quantization; every part of a split model.
 * A choice once made is kept in `choicePath`, so that a later start needs no network.
 * @throws {ModelNotFoundError} the repository has no such file; the message lists what it has
 */
export async function filesOf(
  source: HubSource,
  choicePath: string,
  context: RequestContext,
  limits: NetworkLimits,
): Promise<readonly HubFile[]> {
  if (source.file !== undefined)
    return partsOf(source.file).map((path) => ({ path, sha256: undefined, bytes: undefined }));
  const kept = await readChoice(choicePath);
  if (kept !== undefined) return kept;
  const listed = await listGgufFiles(source, context, limits);
  const files = choose(listed, source.quantization);
  if (files === undefined) throw notFound(listed, context.label);
  await mkdir(dirname(choicePath), { recursive: true });
  await writeFile(choicePath, JSON.stringify(files));
  return files;
}

async function listGgufFiles(
  source: HubSource,
  context: RequestContext,
  limits: NetworkLimits,
): Promise<readonly HubFile[]> {
  const files: HubFile[] = [];
  const { owner, repository, revision } = source;
  let next: URL | undefined = new URL(
    `${base(context.hub)}/api/models/${owner}/${repository}/tree/${revision}?recursive=true`,
  );
  for (let page = 0; next !== undefined && page < pageLimit; page++) {
    const url: URL = next;
    const { text, link } = await retrying(limits, context, async () => {
      const opened = await openDownload(url, { accept: "application/json" }, context);
      const { link } = opened.headers;
      return { text: await readText(opened.body, context), link };
    });
    files.push(...parseTree(text, context.label));
    const following = typeof link === "string" ? /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1] : undefined;
    next = following !== undefined && URL.canParse(following, url.href) ? new URL(following, url) : undefined;
  }
  return files;
}

async function readText(body: OpenedDownload["body"], { label, signal }: RequestContext): Promise<string> {
  let text = "";
  try {
    for await (const chunk of body.setEncoding("utf8")) {
      text += chunk;
      if (text.length > pageBytes) break;
    }
  } catch (fault) {
    signal.throwIfAborted();
    throw new TransientFailure(connectionFault(fault), { cause: fault });
  }
  if (text.length > pageBytes) throw unreadable(label);
  return text;
}

function parseTree(text: string, label: string): readonly HubFile[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    throw unreadable(label);
  }
  if (!Array.isArray(entries)) throw unreadable(label);
  return entries.flatMap(
    (entry: { type?: unknown; path?: unknown; size?: unknown; lfs?: { oid?: unknown } } | null) => {
      if (entry?.type !== "file" || typeof entry.path !== "string" || !isSafeRepositoryPath(entry.path)) return [];
      const oid = entry.lfs?.oid;
      const sha256 = typeof oid === "string" && /^[0-9a-f]{64}$/.test(oid) ? oid : undefined;
      return [{ path: entry.path, sha256, bytes: typeof entry.size === "number" ? entry.size : undefined }];
    },
  );
}

/** @returns one file, or all parts of a split one; undefined when nothing fits or too much does */
export function choose(files: readonly HubFile[], quantization: string | undefined): readonly HubFile[] | undefined {
  // mmproj files are image encoders that stand beside the model.
  const models = files.filter(({ path }) => !/mmproj/i.test(path));
  const firsts = models.filter(({ path }) => partsOf(path)[0] === path);
  const wanted = quantization ?? (firsts.length === 1 ? undefined : usualQuantization);
  const fitting = wanted === undefined ? firsts : firsts.filter(({ path }) => hasQuantization(path, wanted));
  const first = [...fitting].sort((a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1))[0];
  if (first === undefined) return undefined;
  const parts = partsOf(first.path).map((part) => models.find(({ path }) => path === part));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** `Q4_K` is in `model-Q4_K.gguf`, not in `model-Q4_K_M.gguf`. */
function hasQuantization(path: string, quantization: string): boolean {
  const escaped = quantization.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?:^|[-./_])${escaped}(?![A-Za-z0-9_])`, "i").test(path);
}

function notFound(listed: readonly HubFile[], label: string): ModelNotFoundError {
  const names = listed.slice(0, 12).map(({ path }) => path);
  if (names.length === 0)
    return new ModelNotFoundError(label, { en: "The repository holds no GGUF file.", tr: "Depoda GGUF dosyası yok." });
  const list = `${names.join(", ")}${listed.length > names.length ? ", …" : ""}`;
  return new ModelNotFoundError(label, { en: `The repository holds: ${list}`, tr: `Depoda bulunanlar: ${list}` });
}

function unreadable(label: string): ModelDownloadError {
  return new ModelDownloadError(label, { en: "the repository's listing cannot be read", tr: "depo listesi okunamadı" });
}

async function readChoice(path: string): Promise<readonly HubFile[] | undefined> {
  try {
    const files: unknown = JSON.parse(await readFile(path, "utf8"));
    const sound =
      Array.isArray(files) && files.length > 0 && files.every((file) => isSafeRepositoryPath(String(file?.path)));
    return sound ? (files as HubFile[]) : undefined;
  } catch {
    return undefined;
  }
}

function base(hub: Hub): string {
  return hub.url.href.replace(/\/+$/, "");
}
