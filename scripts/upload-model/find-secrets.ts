import { createReadStream } from "node:fs";
import type { LocalFile } from "./collect-files.ts";
import { UploadRefused } from "./upload-refused.ts";

/** What a secret looks like, by what it opens. */
const secrets: Readonly<Record<string, RegExp>> = {
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a hub token": /\bhf_[A-Za-z0-9]{30,}\b/,
  "a platform key": /\bsk-sektor-[0-9a-f]{12}-[\w-]{20,}/,
  "an API key": /\bsk-[A-Za-z0-9_-]{32,}\b/,
  "a code host's token": /\b(gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20})\b/,
  "a cloud key": /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a password in an address": /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/:@]+@[\w.-]+/,
};
const weights = /\.(gguf|safetensors|bin|model)$/;
/** Longer than anything above, so that none hides at the seam of two pieces. */
const overlap = 512;

/** @throws {UploadRefused} a text among the files holds something that looks like a secret; it says where, not what */
export async function refuseSecrets(files: readonly LocalFile[]): Promise<void> {
  const found: string[] = [];
  for (const file of files) {
    const kind = weights.test(file.path) ? undefined : await secretIn(file.absolute);
    if (kind !== undefined) found.push(`${file.path} (${kind})`);
  }
  if (found.length > 0) throw new UploadRefused(`Looks like a secret, take it out: ${found.join(", ")}`);
}

async function secretIn(path: string): Promise<string | undefined> {
  let end = "";
  for await (const piece of createReadStream(path, "utf8")) {
    const text = end + String(piece);
    const kind = Object.entries(secrets).find(([, shape]) => shape.test(text))?.[0];
    if (kind !== undefined) return kind;
    end = text.slice(-overlap);
  }
  return undefined;
}
