import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RouterWeightsError } from "./errors.ts";
import { createLinearRouter, type LinearRouterOptions } from "./linear-router.ts";
import type { Router } from "./router.ts";
import { decodeWeights, headerFile, tableFile } from "./weights.ts";

/**
 * The router trained by `npm run router:train`. Reads about 3 MB once; keeps some 8 MB.
 * @throws {RouterWeightsError} a file is missing, damaged, or of another schema
 */
export function loadRouter(folder: string, options: LinearRouterOptions = {}): Router {
  const header = read(folder, headerFile).toString("utf8");
  return createLinearRouter(decodeWeights(header, read(folder, tableFile)), options);
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw new RouterWeightsError(`The router's ${name} cannot be read; npm run router:train writes it.`, cause);
  }
}
