import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.js";

/**
 * Runs a program of services/main in this process: its bundle, or the source through tsx where none can be made.
 * @param {string} name such as `serve`
 */
export async function start(name) {
  const program = await findBundled(name);
  if (program !== undefined) {
    await import(pathToFileURL(program).href);
    return;
  }
  const { register } = await import("tsx/esm/api");
  // Our own tsconfig, whatever folder the command is called from.
  register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
  await import(`../services/main/${name}.ts`);
}

/** @param {string} name */
async function findBundled(name) {
  try {
    const program = join(await bundle(), "main", `${name}.js`);
    return existsSync(program) ? program : undefined;
  } catch (failure) {
    // A read-only folder, or a fault in the source, which tsx names better.
    if (process.env["SEKTOR_LOG_LEVEL"] === "debug")
      process.stderr.write(`sektor: runs from source: ${failure.message}\n`);
    return undefined;
  }
}
