import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeDatabase } from "../../conformance/database.conformance.ts";

const parent = mkdtempSync(join(tmpdir(), "sektor-storage-"));
const folder = join(parent, "new", "data");
const migrations = join(parent, "migrations");
const limits = { folder, migrationsFolder: migrations };
let database: Database;

beforeAll(async () => {
  mkdirSync(migrations);
  database = await openPgliteDatabase(limits);
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(parent, { recursive: true, force: true });
});

describe("a database inside the process", () => {
  it("keeps what people wrote from other users of the machine", () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "postgres")).mode & 0o777).toBe(0o700);
  });

  it("lets one opener have the folder at a time", async () => {
    await expect(openPgliteDatabase(limits)).rejects.toMatchObject({ code: "data_folder_in_use" });
  });

  it("says what is wrong with a folder that cannot be one", async () => {
    writeFileSync(join(parent, "file"), "");
    const inFile = openPgliteDatabase({ ...limits, folder: join(parent, "file", "data") });
    await expect(inFile).rejects.toMatchObject({ code: "data_folder_unusable" });
  });
});

describeDatabase("PGlite", (migrationsFolder) =>
  openPgliteDatabase({ folder: join(parent, "conformance"), migrationsFolder }),
);
