/** migrate: brings the database's tables up to date and ends. `serve` does the same at its start; this is for doing it beforehand. */
import { resolve } from "node:path";
import { Disposal } from "../foundation/index.ts";
import { createLogger } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { openDatabaseOnly } from "./open/open-database.ts";
import { runProcess } from "./run-process.ts";

await runProcess("migrate", async () => {
  const settings = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor-migrate", settings.log.level);
  const disposal = new Disposal();
  const database = await openDatabaseOnly(settings, logger, disposal);
  const { rows } = await database.query<{ name: string }>("select name from schema_migrations order by name");
  await disposal.close();
  logger.info({ backend: settings.storage.backend, migrations: rows.map(({ name }) => name) }, "database-ready");
  return disposal;
});
