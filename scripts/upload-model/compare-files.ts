import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { LocalFile } from "./collect-files.ts";

/** A file as the hub lists it. */
export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  /** Git's name for the content; of a large file, for the pointer to it. */
  readonly oid?: string;
  /** Of a large file: SHA-256 of the content. */
  readonly lfs?: { readonly oid: string };
}

export interface ComparedFile extends LocalFile {
  readonly state: "new" | "changed" | "same";
}

/** Which files the hub has already, byte for byte. A file is only read where the sizes agree. */
export async function compareFiles(
  files: readonly LocalFile[],
  remote: ReadonlyMap<string, RemoteFile>,
): Promise<readonly ComparedFile[]> {
  const compared: ComparedFile[] = [];
  for (const file of files) {
    const there = remote.get(file.path);
    const state = there === undefined ? "new" : (await isSame(file, there)) ? "same" : "changed";
    compared.push({ ...file, state });
  }
  return compared;
}

async function isSame(file: LocalFile, there: RemoteFile): Promise<boolean> {
  if (there.size !== file.bytes) return false;
  if (there.lfs !== undefined) return (await hashOf(file, "sha256", "")) === there.lfs.oid;
  return (await hashOf(file, "sha1", `blob ${file.bytes}\0`)) === there.oid;
}

async function hashOf({ absolute }: LocalFile, algorithm: "sha1" | "sha256", head: string): Promise<string> {
  const hash = createHash(algorithm).update(head);
  for await (const piece of createReadStream(absolute)) hash.update(piece as Buffer);
  return hash.digest("hex");
}
