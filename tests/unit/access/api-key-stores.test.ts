import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabaseApiKeyStore } from "../../../services/access/database-api-key-store.ts";
import { createApiKeys } from "../../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../../services/access/memory-api-key-store.ts";
import type { Database } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeApiKeyStore } from "../../conformance/api-key-store.conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-keys-"));
let database: Database;
beforeAll(async () => {
  database = await openPgliteDatabase({ folder });
}, 120_000);
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const inMemory = createMemoryApiKeyStore();
describeApiKeyStore("API keys in memory", async () => inMemory);
describeApiKeyStore("API keys in the database", async () => createDatabaseApiKeyStore(database));

it("the database holds nothing from which a key could be read", async () => {
  const keys = createApiKeys({ store: createDatabaseApiKeyStore(database) });
  const { text, key } = await keys.create({
    name: "x",
    scopes: ["chat"],
    sectors: null,
    userId: null,
    expiresAt: null,
  });
  const { rows } = await database.query("select k.*, s.* from api_keys k join api_key_secrets s on s.key_id = k.id");
  const kept = JSON.stringify(rows, (_, value) => (Buffer.isBuffer(value) ? value.toString("latin1") : value));
  expect(kept).toContain(key.id);
  expect(kept).not.toContain(text.slice(-43));
  expect(await keys.identify(text)).toMatchObject({ keyId: key.id });
});
