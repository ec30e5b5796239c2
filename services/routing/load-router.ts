import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RouterWeightsError } from "./errors.ts";
import { createLinearRouter, type LinearRouterOptions } from "./linear-router.ts";
import type { Router } from "./router.ts";
import { decodeStemVectors, type StemVectors, stemsHeaderFile, stemsTableFile } from "./stem-vectors.ts";
import { decodeWeights, headerFile, type RouterWeights, tableFile } from "./weights.ts";

/**
 * The router trained by `npm run router:train`. Reads about 5 MB once; keeps some 10 MB.
 * @throws {RouterWeightsError} a file is missing, damaged, of another schema, or the stem vectors are not those of the training
 */
export function loadRouter(folder: string, options: LinearRouterOptions = {}): Router {
  return createLinearRouter(loadWeights(folder), options);
}

/** The weights of a folder with their stem vectors. Throws as `loadRouter`. */
export function loadWeights(folder: string): RouterWeights {
  const header = read(folder, headerFile).toString("utf8");
  return decodeWeights(header, read(folder, tableFile), loadStemVectors(folder));
}

/**
 * The stem vectors of a folder; undefined when it has none.
 * @throws {RouterWeightsError} one of their two files is missing or damaged
 */
export function loadStemVectors(folder: string): StemVectors | undefined {
  if (![stemsHeaderFile, stemsTableFile].some((name) => existsSync(join(folder, name)))) return undefined;
  return decodeStemVectors(read(folder, stemsHeaderFile).toString("utf8"), read(folder, stemsTableFile));
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw new RouterWeightsError(`The router's ${name} cannot be read; training/README.md says what writes it.`, cause);
  }
}
