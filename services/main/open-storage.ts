import type { Disposal, Logger } from "../foundation/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Database } from "../storage/index.ts";
import { openDataFolder } from "../storage/pglite/data-folder.ts";
import { openPgliteDatabase } from "../storage/pglite/pglite-database.ts";
import { openPostgresDatabase } from "../storage/postgres/open-postgres-database.ts";

/** The database the settings name, with its tables brought up to date. The data folder is this process's alone until `disposal` closes. */
export async function openStorage({ storage }: Settings, logger: Logger, disposal: Disposal): Promise<Database> {
  // The embedded database locks the folder itself; with a server it still holds what waits for the server.
  if (storage.backend === "postgres") disposal.own(openDataFolder(storage.folder), (folder) => folder.release());
  return disposal.own(await openDatabase(storage, logger), (opened) => opened[Symbol.asyncDispose]());
}

export async function openDatabase(
  { backend, folder, postgres }: Settings["storage"],
  logger: Logger,
): Promise<Database> {
  return backend === "postgres"
    ? await openPostgresDatabase({ ...postgres, logger })
    : await openPgliteDatabase({ folder, logger });
}
