import { UsageError } from "./errors.ts";
import { parseJson, readTextFile } from "./json-file.ts";

/**
 * A new sector as the server takes it, from a file: `.json` is the whole object; in `.jsonl` the first line is the object without `examples`
 * and every further line one example, a string or `{"text"}` (as in datasets/routing).
 * @throws {UsageError} the file cannot be read or has another shape
 */
export async function readSectorFile(path: string): Promise<{ readonly id: string }> {
  const content = await readTextFile(path);
  const sector = /\.jsonl$/i.test(path) ? fromLines(path, content) : parseJson(path, content);
  if (typeof sector !== "object" || sector === null || typeof (sector as { id?: unknown }).id !== "string") {
    throw new UsageError(
      `${path} holds no sector: {"id","name":{"tr"},"system_prompt","examples":[…]} is expected.`,
      `${path} bir sektör içermiyor: {"id","name":{"tr"},"system_prompt","examples":[…]} beklenir.`,
    );
  }
  return sector as { id: string };
}

function fromLines(path: string, content: string): unknown {
  const [head, ...examples] = content
    .split("\n")
    .map((line, at) => ({ line, place: `${path}:${at + 1}` }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, place }) => parseJson(place, line));
  return typeof head === "object" ? { ...head, examples } : head;
}
