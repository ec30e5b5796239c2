import { resolve } from "node:path";
import type { OpenedKeys } from "../../cli/index.ts";
import { Disposal } from "../../foundation/index.ts";
import { createLogger } from "../../observability/index.ts";
import { loadSectors, loadSettings } from "../../settings/index.ts";
import { openApiKeys } from "./open-api-keys.ts";
import { openDatabaseOnly } from "./open-database.ts";

/** The keys of the database that the settings name, for as long as one command takes. */
export async function openFolderKeys(environment: Readonly<Record<string, string | undefined>>): Promise<OpenedKeys> {
  const settings = loadSettings(resolve("configs"), environment);
  const sectorIds = loadSectors(resolve("configs/sectors.yaml")).all.map(({ id }) => id);
  const logger = createLogger("sektor-keys", "silent");
  const disposal = new Disposal();
  const database = await openDatabaseOnly(settings, logger, disposal);
  return {
    keys: openApiKeys(settings, database, logger, disposal),
    folder: settings.storage.backend === "postgres" ? undefined : resolve(settings.storage.folder),
    sectorIds,
    [Symbol.asyncDispose]: () => disposal.close(),
  };
}
