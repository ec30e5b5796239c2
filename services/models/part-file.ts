import { createHash, type Hash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";

/** What must still hold on the server for the bytes at hand to be a beginning of its file. */
export interface PartOrigin {
  /** SHA-256 the server or the settings promise, hex. */
  readonly sha256: string | undefined;
  /** Strong ETag, or the Last-Modified date; undefined: the server gave neither. */
  readonly validator: string | undefined;
  readonly totalBytes: number | undefined;
}

/** A download under way: bytes in `<file>.part`, their origin in `<file>.part.json`, and the SHA-256 of all bytes so far. */
export class PartFile {
  readonly path: string;
  readonly #originPath: string;
  readonly #handle: FileHandle;
  #hash: Hash;
  #bytes: number;
  #origin: PartOrigin | undefined;

  private constructor(path: string, handle: FileHandle, hash: Hash, bytes: number, origin: PartOrigin | undefined) {
    this.path = path;
    this.#originPath = `${path}.json`;
    this.#handle = handle;
    this.#hash = hash;
    this.#bytes = bytes;
    this.#origin = origin;
  }

  /** Opens what an earlier run left behind, reading it once for the checksum; an empty file when there is nothing usable. */
  static async open(path: string, signal?: AbortSignal): Promise<PartFile> {
    const origin = await readOrigin(`${path}.json`);
    const handle = await open(path, "a+");
    try {
      if (origin === undefined && (await handle.stat()).size > 0) await handle.truncate(0);
      const hash = createHash("sha256");
      let bytes = 0;
      if (origin !== undefined) {
        const options = { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) };
        for await (const piece of createReadStream(path, options)) {
          hash.update(piece as Buffer);
          bytes += (piece as Buffer).length;
        }
      }
      return new PartFile(path, handle, hash, bytes, origin);
    } catch (fault) {
      await handle.close();
      throw fault;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get origin(): PartOrigin | undefined {
    return this.#origin;
  }

  /** Drops every byte and begins anew as a copy of `origin`. */
  async restart(origin: PartOrigin): Promise<void> {
    if (this.#bytes > 0) await this.#handle.truncate(0);
    this.#hash = createHash("sha256");
    this.#bytes = 0;
    this.#origin = origin;
    await writeFile(this.#originPath, JSON.stringify(origin));
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#handle.appendFile(chunk);
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Of all bytes so far, hex; appending may go on afterwards. */
  sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  async firstBytes(count: number): Promise<Buffer> {
    const buffer = Buffer.alloc(count);
    const file = await open(this.path, "r");
    try {
      const { bytesRead } = await file.read(buffer, 0, count, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** The bytes are safe on disk, then the file appears under its name at once. */
  async becomeFile(path: string): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.path, path);
    await rm(this.#originPath, { force: true });
  }

  /** Keeps the bytes for a later run. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await rm(this.#originPath, { force: true });
  }
}

async function readOrigin(path: string): Promise<PartOrigin | undefined> {
  try {
    const value = JSON.parse(await readFile(path, "utf8")) as Partial<PartOrigin> | null;
    if (typeof value !== "object" || value === null) return undefined;
    const { sha256, validator, totalBytes } = value;
    return {
      sha256: typeof sha256 === "string" ? sha256 : undefined,
      validator: typeof validator === "string" ? validator : undefined,
      totalBytes: typeof totalBytes === "number" ? totalBytes : undefined,
    };
  } catch {
    return undefined;
  }
}

/** Puts a copy in the place of the part, so that whoever still has the old one open writes into a file nobody reads. */
export async function detachPart(path: string): Promise<void> {
  const copy = `${path}.copy`;
  try {
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await rename(copy, path);
  } catch {
    // No room for a copy, or no part at all: begin anew.
    await rm(copy, { force: true });
    await rm(path, { force: true });
  }
}
