import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes are read, some 1 MiB apart. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** From this size on reading a file takes so long that its fingerprint is remembered, bytes. */
export const largeFileBytes = 256 * 1024 * 1024;

/** SHA-256 of a file's bytes, hex. */
export async function fileSha256(path: string, { signal, onProgress }: HashOptions = {}): Promise<string> {
  const hash = createHash("sha256");
  const { size } = onProgress === undefined ? { size: 0 } : await stat(path);
  let doneBytes = 0;
  for await (const piece of createReadStream(path, {
    highWaterMark: 1 << 20,
    ...(signal === undefined ? {} : { signal }),
  })) {
    hash.update(piece as Buffer);
    doneBytes += (piece as Buffer).length;
    onProgress?.(doneBytes, size);
  }
  return hash.digest("hex");
}

type Known = Record<string, { size: number; mtimeMs: number; sha256: string }>;

export interface RememberOptions extends HashOptions {
  /** What whoever wrote the file computed on the way. Believed of a large file that was not met before, instead of reading it all again. */
  readonly noted?: string | undefined;
}

/**
 * Like `fileSha256`, but a large file that has not changed (size and modification time) is not read again at the next start.
 * @param cacheFile JSON; created when missing, ignored when unreadable
 */
export async function rememberedSha256(
  path: string,
  cacheFile: string,
  { noted, ...options }: RememberOptions = {},
): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  if (size < largeFileBytes) return await fileSha256(path, options);
  const key = resolve(path);
  const known = await readKnown(cacheFile);
  const hit = known[key];
  if (hit !== undefined && hit.size === size && hit.mtimeMs === mtimeMs) return hit.sha256;
  // One that was met and is another now has been changed since it was noted.
  const sha256 = (hit === undefined ? noted : undefined) ?? (await fileSha256(path, options));
  await mkdir(dirname(cacheFile), { recursive: true });
  await writeFile(cacheFile, JSON.stringify({ ...known, [key]: { size, mtimeMs, sha256 } }, null, 1));
  return sha256;
}

async function readKnown(cacheFile: string): Promise<Known> {
  try {
    return JSON.parse(await readFile(cacheFile, "utf8")) as Known;
  } catch {
    return {};
  }
}
