import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Smaller counts: shows that the bench works, its figures mean little. */
  readonly quick: boolean;
  /** Folder with `base/`, `adapters/` and `manifest.json`. */
  readonly models: string;
  /** Length of the soak. */
  readonly minutes: number;
  /** Threads of both engines where they are compared. */
  readonly threads: number;
  /** Outside the tree: generated models are reused. */
  readonly cache: string;
}

/** @returns the options and the names of the benches asked for. @throws TypeError an unknown option */
export function parseOptions(args: readonly string[]): {
  readonly options: BenchOptions;
  readonly names: readonly string[];
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      models: { type: "string", default: "models" },
      minutes: { type: "string" },
      threads: { type: "string" },
      cache: { type: "string", default: process.env["SEKTOR_CACHE"] ?? join(homedir(), ".cache", "sektor") },
    },
  });
  const { quick } = values;
  return {
    options: {
      quick,
      models: resolve(values.models),
      minutes: positive("minutes", values.minutes ?? (quick ? "0.5" : "10")),
      threads: positive("threads", values.threads ?? (quick ? "1" : "2")),
      cache: resolve(values.cache),
    },
    names: positionals,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`--${name} must be a number above 0, not "${text}".`);
  return value;
}
