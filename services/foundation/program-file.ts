import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Put in by bin/bundle.js: the folder of the bundle this code is part of. Not there where it runs from source. */
declare const SEKTOR_BUNDLE: string | undefined;

const services = fileURLToPath(new URL("../", import.meta.url));

export interface ProgramFile {
  readonly path: string;
  /** What Node needs before the file's name. */
  readonly execArgv: readonly string[];
}

/**
 * How a program of ours is started in a process of its own: bundled where we are, from source where we are not.
 * @param source its TypeScript file, `new URL("./infer.ts", import.meta.url)`; it stands in bin/bundle.js's list
 */
export function programFile(source: URL): ProgramFile {
  const bundled = bundledFile(source);
  if (bundled !== undefined) return { path: bundled, execArgv: [] };
  // As an absolute address: tsx must be found from whatever folder the process is started in.
  return { path: fileURLToPath(source), execArgv: ["--import", import.meta.resolve("tsx")] };
}

/** The same for a thread; `file` and `argv` are for `new Worker(file, { argv })`. */
export function threadFile(source: URL): { readonly file: URL | string; readonly argv: readonly string[] } {
  const bundled = bundledFile(source);
  if (bundled !== undefined) return { file: bundled, argv: [] };
  return { file: new URL("./thread-from-source.mjs", import.meta.url), argv: [source.href] };
}

function bundledFile(source: URL): string | undefined {
  if (typeof SEKTOR_BUNDLE === "undefined") return undefined;
  const file = join(SEKTOR_BUNDLE, relative(services, fileURLToPath(source)).replace(/\.ts$/, ".js"));
  return existsSync(file) ? file : undefined;
}
