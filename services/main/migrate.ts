/** migrate: brings the database's tables up to date and ends. `serve` does the same at its start; this is for doing it beforehand. */
import { resolve } from "node:path";
import { Disposal } from "../foundation/index.ts";
import { createLogger } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { openDatabase } from "./open-storage.ts";
import { runProcess } from "./run-process.ts";

await runProcess("migrate", async () => {
  const { storage, log } = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor-migrate", log.level);
  const database = await openDatabase(storage, logger);
  const { rows } = await database.query<{ name: string }>("select name from schema_migrations order by name");
  await database[Symbol.asyncDispose]();
  logger.info({ backend: storage.backend, migrations: rows.map(({ name }) => name) }, "database-ready");
  return new Disposal();
});
