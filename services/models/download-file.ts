import { mkdir, readFile, stat, statfs, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PlatformError } from "../foundation/index.ts";
import {
  ModelChecksumError,
  ModelDiskFullError,
  ModelDownloadError,
  ModelNotGgufError,
  type Reason,
} from "./errors.ts";
import { lockFile } from "./file-lock.ts";
import type { NetworkLimits } from "./network-limits.ts";
import {
  connectionFault,
  contentRange,
  type OpenedDownload,
  openDownload,
  originOf,
  type RequestContext,
  TransientFailure,
} from "./open-download.ts";
import { detachPart, PartFile } from "./part-file.ts";
import { retrying } from "./retrying.ts";

export interface FileDownload {
  readonly url: URL;
  /** Where the file ends up; `.part`, `.lock` and `.json` beside it belong to it. */
  readonly path: string;
  /** SHA-256 the file must have, hex. */
  readonly sha256: string | undefined;
  readonly format: ModelFormat;
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/** `ggml`: what whisper.cpp reads. */
export type ModelFormat = "GGUF" | "ggml";

/** The first four bytes of a file of each format. */
const magics: Readonly<Record<ModelFormat, string>> = { GGUF: "GGUF", ggml: "lmgg" };

/** An attempt that brought this much further than any before counts as progress, and failures are counted anew. */
const progressBytes = 1 << 20;

const changed: Reason = { en: "the server has another file now", tr: "sunucudaki dosya değişti" };
const cutShort: Reason = { en: "the connection ended early", tr: "bağlantı erken kapandı" };
const takenOver: Reason = { en: "another process took the download over", tr: "indirmeyi başka bir süreç devraldı" };
const lockedTooLong: Reason = {
  en: "another process has been downloading it for too long",
  tr: "başka bir süreç onu çok uzun süredir indiriyor",
};

/** The file at `path`, downloaded unless it is there already. @returns its SHA-256 */
export async function downloadFile(
  file: FileDownload,
  context: RequestContext,
  limits: NetworkLimits,
): Promise<string> {
  try {
    const present = await presentSha256(file);
    if (present !== undefined) return present;
    await mkdir(dirname(file.path), { recursive: true });
    const wait = {
      waitMs: limits.lockWaitMs,
      pollMs: Math.min(500, limits.firstDelayMs),
      onSilentHolder: () => detachPart(`${file.path}.part`),
    };
    const lock = await lockFile(`${file.path}.lock`, wait, context.signal);
    if (lock === undefined) {
      context.signal.throwIfAborted();
      throw new ModelDownloadError(context.label, lockedTooLong);
    }
    try {
      // Whoever held the lock before may have finished the file.
      const sha256 = (await presentSha256(file)) ?? (await downloadLocked(file, context, limits, lock.stillHeld));
      return sha256;
    } finally {
      await lock.release();
    }
  } catch (fault) {
    context.signal.throwIfAborted();
    throw named(fault, context.label);
  }
}

/** SHA-256 noted when the file at `path` was finished, if it is still that file and the one asked for. */
async function presentSha256({ path, sha256 }: FileDownload): Promise<string | undefined> {
  try {
    const noted = JSON.parse(await readFile(`${path}.json`, "utf8")) as { bytes?: unknown; sha256?: unknown };
    if ((await stat(path)).size !== noted.bytes || typeof noted.sha256 !== "string") return undefined;
    return sha256 === undefined || sha256 === noted.sha256 ? noted.sha256 : undefined;
  } catch {
    return undefined;
  }
}

async function downloadLocked(
  file: FileDownload,
  context: RequestContext,
  limits: NetworkLimits,
  stillHeld: () => Promise<boolean>,
): Promise<string> {
  const part = await PartFile.open(`${file.path}.part`, context.signal);
  try {
    let startedAtZero = part.bytes === 0;
    for (;;) {
      const onRestart = () => {
        startedAtZero = true;
      };
      const promised = await retrying(
        limits,
        context,
        () => fill(part, file, context, onRestart),
        furtherThanEver(part),
      );
      const magic = (await part.firstBytes(4)).toString("latin1");
      const sha256 = part.sha256();
      const expected = file.sha256 ?? promised;
      const fault =
        expected !== undefined && sha256 !== expected
          ? new ModelChecksumError(context.label, expected, sha256)
          : magic !== magics[file.format]
            ? new ModelNotGgufError(context.label, file.format)
            : undefined;
      if (fault === undefined) {
        if (!(await stillHeld())) throw new ModelDownloadError(context.label, takenOver);
        const bytes = part.bytes;
        await part.becomeFile(file.path);
        await writeFile(`${file.path}.json`, JSON.stringify({ bytes, sha256 }));
        return sha256;
      }
      if (startedAtZero) {
        await part.discard();
        throw fault;
      }
      // The beginning came from an earlier run and may be what is wrong: once more, from the first byte.
      await part.restart({ sha256: undefined, validator: undefined, totalBytes: undefined });
      startedAtZero = true;
    }
  } finally {
    await part.close();
  }
}

/** True when `part` has grown well past the furthest point any attempt reached: repeating the same stretch is no progress. */
function furtherThanEver(part: PartFile): () => boolean {
  let best = part.bytes;
  return () => {
    const further = part.bytes >= best + progressBytes;
    best = Math.max(best, part.bytes);
    return further;
  };
}

/** One request. @returns the SHA-256 the hub promised, if it did; afterwards `part` holds the whole file, or the error says why not. */
async function fill(
  part: PartFile,
  file: FileDownload,
  context: RequestContext,
  onRestart: () => void,
): Promise<string | undefined> {
  const opened = await openDownload(file.url, resumeHeaders(part, file), context);
  const { status, body, hubSha256 } = opened;
  try {
    if (status === 416) {
      if (isWhole(part, contentRange(opened.headers)?.total)) return hubSha256;
      onRestart();
      await part.restart({ sha256: undefined, validator: undefined, totalBytes: undefined });
      throw new TransientFailure(changed);
    }
    const origin = originOf(opened, file.sha256 ?? hubSha256);
    if (!continues(part, opened, origin.sha256)) {
      onRestart();
      await part.restart(origin);
      // A piece from the middle of another version of the file is of no use: ask again, for all of it.
      if (status === 206) throw new TransientFailure(changed);
    }
    await assureRoom(file, origin.totalBytes, part.bytes, context.label);
    file.onProgress(part.bytes, origin.totalBytes);
    await receive(part, body, (received) => file.onProgress(received, origin.totalBytes), context.signal);
    if (origin.totalBytes !== undefined && part.bytes < origin.totalBytes) throw new TransientFailure(cutShort);
    return hubSha256;
  } finally {
    // Unread bytes are not worth waiting for.
    body.on("error", () => undefined).destroy();
  }
}

async function receive(
  part: PartFile,
  body: OpenedDownload["body"],
  onBytes: (received: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (fault) {
      signal.throwIfAborted();
      throw new TransientFailure(connectionFault(fault), { cause: fault });
    }
    if (next.done === true) return;
    await part.append(next.value);
    onBytes(part.bytes);
  }
}

/** Asking for the rest is safe when the server can tell whether it still is the same file, or a checksum will. */
function resumeHeaders(part: PartFile, file: FileDownload): Record<string, string> {
  const validator = part.origin?.validator;
  const checkable = validator !== undefined || file.sha256 !== undefined || part.origin?.sha256 !== undefined;
  if (part.bytes === 0 || !checkable) return {};
  return { range: `bytes=${part.bytes}-`, ...(validator === undefined ? {} : { "if-range": validator }) };
}

function continues(part: PartFile, opened: OpenedDownload, sha256: string | undefined): boolean {
  if (opened.status !== 206) return false;
  const now = originOf(opened, sha256);
  const before = part.origin;
  const same = <T>(a: T | undefined, b: T | undefined) => a === undefined || b === undefined || a === b;
  return (
    contentRange(opened.headers)?.start === part.bytes &&
    same(before?.validator, now.validator) &&
    same(before?.totalBytes, now.totalBytes) &&
    same(before?.sha256, now.sha256)
  );
}

function isWhole(part: PartFile, total: number | undefined): boolean {
  return total !== undefined && total === part.bytes && (part.origin?.totalBytes ?? total) === total;
}

/** Better said before gigabytes have been written than after. */
async function assureRoom(file: FileDownload, total: number | undefined, have: number, label: string): Promise<void> {
  if (total === undefined) return;
  const { bavail, bsize } = await statfs(dirname(file.path));
  const missing = total - have - bavail * bsize;
  if (missing > 0) throw new ModelDiskFullError(label, missing);
}

function named(fault: unknown, label: string): unknown {
  if (fault instanceof PlatformError) return fault;
  const { code } = fault as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new ModelDiskFullError(label, undefined, fault);
  if (typeof code !== "string") return fault;
  return new ModelDownloadError(
    label,
    { en: `the model cache cannot be written (${code})`, tr: `model önbelleğine yazılamıyor (${code})` },
    fault,
  );
}
