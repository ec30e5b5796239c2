import { fileURLToPath } from "node:url";

/** The tree this script stands in. */
export const projectFolder = fileURLToPath(new URL("../../", import.meta.url));

/** How a program of ours is started. The only place that knows it. */
export function programCommand(name: "serve" | "infer" | "work" | "migrate"): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL("../../bin/run.js", import.meta.url)), name];
}
