import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UploadRefused } from "./upload-refused.ts";

export interface LocalFile {
  /** Inside the folder, with `/` between its parts. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
}

/** Weights, what describes them, and what licenses them. */
const allowed = /(\.(gguf|safetensors|bin|model|json|jsonl|md|txt|yaml|yml)|(^|\/)(LICENSE|NOTICE)|^\.gitattributes)$/;
const card = "README.md";
/** Bounds a wrong folder, such as a home. */
const mostFiles = 5_000;

/**
 * Every file under a model's folder, in order of their paths.
 * @throws {UploadRefused} there is a file of another kind, or a link; no card, an empty one; nothing but it; too many files
 */
export async function collectFiles(folder: string): Promise<readonly LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (fault: NodeJS.ErrnoException) => {
      throw new UploadRefused(`${folder} cannot be read (${fault.code}).`);
    },
  );
  const files: LocalFile[] = [];
  const strange: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const absolute = join(entry.parentPath, entry.name);
    const path = absolute.slice(join(folder, "/").length).replaceAll("\\", "/");
    if (!entry.isFile() || !allowed.test(path)) strange.push(path);
    else files.push({ path, absolute, bytes: (await stat(absolute)).size });
    if (files.length + strange.length > mostFiles)
      throw new UploadRefused(`${folder} holds more than ${mostFiles} files.`);
  }
  if (strange.length > 0)
    throw new UploadRefused(`Not a model's files, move them elsewhere: ${strange.sort().slice(0, 20).join(", ")}`);
  if (!files.some(({ path, bytes }) => path === card && bytes > 0))
    throw new UploadRefused(
      `${folder} has no model card: write a ${card} that says what it is, what it was made from and under which licence.`,
    );
  if (files.length === 1) throw new UploadRefused(`${folder} holds nothing but its card.`);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
