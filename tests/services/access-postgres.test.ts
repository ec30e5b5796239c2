import { afterAll, beforeAll } from "vitest";
import { createDatabaseApiKeyStore } from "../../services/access/database-api-key-store.ts";
import type { Database } from "../../services/storage/index.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { describeApiKeyStore } from "../conformance/api-key-store.conformance.ts";
import { TestPostgres } from "../support/postgres.ts";

let server: TestPostgres;
let database: Database;
beforeAll(async () => {
  server = await TestPostgres.start();
  database = await openPostgresDatabase({ url: await server.createDatabase("api_keys") });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describeApiKeyStore("API keys in Postgres", async () => createDatabaseApiKeyStore(database));
