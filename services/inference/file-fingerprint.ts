import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** SHA-256 of a file's bytes, hex. */
export async function fileSha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, {
    highWaterMark: 1 << 20,
    ...(signal === undefined ? {} : { signal }),
  })) {
    hash.update(piece as Buffer);
  }
  return hash.digest("hex");
}

type Known = Record<string, { size: number; mtimeMs: number; sha256: string }>;

/**
 * Like `fileSha256`, but a large file that has not changed (size and modification time) is not read again at the next start.
 * @param cacheFile JSON; created when missing, ignored when unreadable
 */
export async function rememberedSha256(path: string, cacheFile: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  if (size < 256 * 1024 * 1024) return await fileSha256(path);
  const key = resolve(path);
  const known = await readKnown(cacheFile);
  const hit = known[key];
  if (hit !== undefined && hit.size === size && hit.mtimeMs === mtimeMs) return hit.sha256;
  const sha256 = await fileSha256(path);
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
