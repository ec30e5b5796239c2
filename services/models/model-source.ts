import { InvalidModelSourceError } from "./errors.ts";

/** Where a model comes from, as the setting `model.source` says it. */
export type ModelSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "url"; readonly url: URL }
  | {
      readonly kind: "hub";
      readonly owner: string;
      readonly repository: string;
      /** Branch, tag or commit; `main` unless written as `hf:owner/repository@revision…`. */
      readonly revision: string;
      /** Path inside the repository, or undefined: pick one by `quantization`. */
      readonly file: string | undefined;
      /** `Q4_K_M` and the like; undefined with `file`, or when the source names the repository only. */
      readonly quantization: string | undefined;
    };

const name = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
const hub = new RegExp(
  `^hf:(?://)?(${name})/(${name})(?:@([A-Za-z0-9_][A-Za-z0-9_.-]*))?(?::([A-Za-z0-9_.-]+)|/(.+))?$`,
);

/** @throws {InvalidModelSourceError} */
export function parseModelSource(source: string): ModelSource {
  const text = source.trim();
  if (text === "" || text.includes("\0")) throw new InvalidModelSourceError(source);
  if (/^https?:/i.test(text)) {
    if (!URL.canParse(text)) throw new InvalidModelSourceError(source);
    return { kind: "url", url: new URL(text) };
  }
  if (/^hf:/i.test(text)) return parseHub(`hf:${text.slice(3)}`, source);
  // Two letters and more before "://": a scheme we do not speak. One letter is a Windows drive.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw new InvalidModelSourceError(source);
  return { kind: "file", path: text };
}

function parseHub(text: string, source: string): ModelSource {
  const match = hub.exec(text);
  const [, owner, repository, revision = "main", quantization, file] = match ?? [];
  if (owner === undefined || repository === undefined) throw new InvalidModelSourceError(source);
  if (file !== undefined && !isSafeRepositoryPath(file)) throw new InvalidModelSourceError(source);
  return { kind: "hub", owner, repository, revision, file, quantization };
}

/** True for `sub/file.gguf`; false for anything that could leave the cache folder or is not a GGUF name. */
export function isSafeRepositoryPath(path: string): boolean {
  const segments = path.split("/");
  const tame = segments.every(
    (segment) => /^[^\\:*?"<>|\p{Cc}]+$/u.test(segment) && segment !== "." && segment !== "..",
  );
  return tame && /\.gguf$/i.test(path);
}

const split = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** All parts of a split model, first part first; a whole file is its only part. */
export function partsOf(file: string): readonly string[] {
  const match = split.exec(file);
  const [, stem, , last] = match ?? [];
  if (stem === undefined || last === undefined) return [file];
  return Array.from(
    { length: Number(last) },
    (_, index) => `${stem}-${String(index + 1).padStart(5, "0")}-of-${last}.gguf`,
  );
}

/** The id clients see: the file's name without folder, part number and ending. */
export function idOf(file: string): string {
  const base = file.split(/[\\/]/).at(-1) ?? file;
  return (split.exec(base)?.[1] ?? base.replace(/\.gguf$/i, "")) || base;
}
