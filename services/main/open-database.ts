import type { Disposal } from "../foundation/index.ts";
import type { ProcessLogger } from "../observability/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Database } from "../storage/index.ts";
import { openPgliteDatabase } from "../storage/pglite/pglite-database.ts";

/** Where everything is kept that outlives the process: sessions, unless Redis has them, and API keys. */
export async function openDatabase(
  { storage: { folder } }: Pick<Settings, "storage">,
  logger: ProcessLogger,
  disposal: Disposal,
): Promise<Database> {
  return disposal.own(await openPgliteDatabase({ folder, logger }), (opened) => opened[Symbol.asyncDispose]());
}
