import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { makeTemplate, templateFolder } from "../../../services/storage/pglite/template.ts";

const parent = mkdtempSync(join(tmpdir(), "sektor-template-"));
const cache = join(parent, "cache");
const migrationsFolder = join(parent, "migrations");
let template = "";

beforeAll(async () => {
  mkdirSync(migrationsFolder);
  mkdirSync(join(cache, "of an earlier version"), { recursive: true });
  template = await makeTemplate(cache);
}, 120_000);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Postgres gives every database that is set up a number of its own. */
async function numberOf(folder: string, from = template): Promise<string> {
  await using database = await openPgliteDatabase({ folder: join(parent, folder), migrationsFolder, template: from });
  const { rows } = await database.query<{ number: string }>(
    "select system_identifier::text as number from pg_control_system()",
  );
  return rows[0]?.number ?? "";
}

describe("a database made beforehand", () => {
  it("is all that is kept of it, for the version that is installed", () => {
    expect(template).toBe(templateFolder(cache));
    expect(readdirSync(cache)).toEqual([template.slice(cache.length + 1)]);
  });

  it("is copied on a first start, and nobody else may read the copy", async () => {
    expect(await numberOf("first")).toBe(await numberOf("second"));
    expect(statSync(join(parent, "first", "postgres")).mode & 0o777).toBe(0o700);
  });

  it("is done without where it is not there", async () => {
    expect(await numberOf("without", join(parent, "nothing"))).not.toBe(await numberOf("first"));
  });

  it("gives each copy a life of its own", async () => {
    await using one = await openPgliteDatabase({ folder: join(parent, "one"), migrationsFolder, template });
    await one.query("create table only_here (n int)");
    await using two = await openPgliteDatabase({ folder: join(parent, "two"), migrationsFolder, template });
    await expect(two.query("select * from only_here")).rejects.toMatchObject({ code: "42P01" });
  });

  it("is taken anew where a first start was cut short", async () => {
    const folder = join(parent, "cut short");
    mkdirSync(join(folder, "postgres"), { recursive: true });
    writeFileSync(join(folder, "postgres", "half a file"), "");
    writeFileSync(join(folder, "first-start"), "");
    expect(await numberOf("cut short")).toBe(await numberOf("first"));
    expect(existsSync(join(folder, "first-start"))).toBe(false);
  });
});
