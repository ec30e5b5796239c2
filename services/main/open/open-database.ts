import type { Disposal, Logger } from "../../foundation/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";
import { openDataFolder } from "../../storage/pglite/data-folder.ts";
import { openPgliteDatabase } from "../../storage/pglite/pglite-database.ts";
import { openPostgresDatabase } from "../../storage/postgres/open-postgres-database.ts";

/**
 * Where everything is kept that outlives the process: API keys, sessions unless Redis has them, requests and feedback; with its tables
 * brought up to date. The data folder is this process's alone until `disposal` closes.
 */
export async function openDatabase(
  { storage }: Pick<Settings, "storage">,
  logger: Logger,
  disposal: Disposal,
): Promise<Database> {
  // The embedded database locks the folder itself; with a server it still holds what waits for the server.
  if (storage.backend === "postgres") disposal.own(openDataFolder(storage.folder), (folder) => folder.release());
  return await openDatabaseOnly({ storage }, logger, disposal);
}

/** The same for one short command, which leaves the data folder to a gateway where a server keeps the database. */
export async function openDatabaseOnly(
  { storage: { backend, folder, postgres } }: Pick<Settings, "storage">,
  logger: Logger,
  disposal: Disposal,
): Promise<Database> {
  const opening =
    backend === "postgres" ? openPostgresDatabase({ ...postgres, logger }) : openPgliteDatabase({ folder, logger });
  return disposal.own(await opening, (opened) => opened[Symbol.asyncDispose]());
}
