import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { type Logger, PlatformError } from "../../foundation/index.ts";
import { adapterIdOf, type Engine } from "../../inference/index.ts";

/**
 * Adapters that lie in the folder for a sector added at run time (`<sector>@N.gguf` or `<sector>-vN.gguf`) and that the engine has not seen:
 * it looks into the folder when it starts. One that is refused is named in the log; the sector then answers from the base model.
 */
export async function loadSectorAdapters(engine: Engine, folder: string, sector: string, log: Logger): Promise<void> {
  try {
    const known = new Set((await engine.status()).adapters.map(({ id }) => id));
    for (const file of existsSync(folder) ? await readdir(folder) : []) {
      const [, name, version] = /^(.+?)[-@]v?(\d[\w.]*)\.gguf$/.exec(file) ?? [];
      if (name !== sector || version === undefined) continue;
      const id = adapterIdOf({ name, version });
      if (!known.has(id)) await engine.loadAdapter({ name: id, path: file });
    }
  } catch (fault) {
    const code = fault instanceof PlatformError ? fault.code : String(fault);
    log.warn({ sector, code }, "sector-adapter-not-loaded");
  }
}
