import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NotifyingDatabase } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeDatabase } from "../../conformance/database.conformance.ts";

const parent = mkdtempSync(join(tmpdir(), "sektor-storage-"));
const folder = join(parent, "new", "data");
const migrations = join(parent, "migrations");
const limits = { folder, migrationsFolder: migrations };
let database: NotifyingDatabase;

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

  it("tells at once what is sent with pg_notify, also after it had to start anew, until nobody listens", async () => {
    const heard: string[] = [];
    const stop = await database.listen("bell", (payload) => heard.push(payload));
    await database.query("select pg_notify('bell', $1), pg_notify('another', 'x')", ["one"]);
    expect(heard).toEqual(["one"]);
    // A statement that is given up takes the whole instance with it.
    await using hasty = await openPgliteDatabase({ ...limits, folder: join(parent, "hasty"), queryTimeoutMs: 2_000 });
    await hasty.listen("bell", (payload) => heard.push(payload));
    await expect(hasty.query("select pg_sleep(60)")).rejects.toMatchObject({ code: "storage_timeout" });
    await hasty.query("select pg_notify('bell', 'two')");
    expect(heard).toEqual(["one", "two"]);
    stop();
    await database.query("select pg_notify('bell', 'three')");
    expect(heard).toEqual(["one", "two"]);
  }, 120_000);

  it("says what is wrong with a folder that cannot be one", async () => {
    writeFileSync(join(parent, "file"), "");
    const inFile = openPgliteDatabase({ ...limits, folder: join(parent, "file", "data") });
    await expect(inFile).rejects.toMatchObject({ code: "data_folder_unusable" });
  });
});

describeDatabase("PGlite", (migrationsFolder) =>
  openPgliteDatabase({ folder: join(parent, "conformance"), migrationsFolder }),
);
