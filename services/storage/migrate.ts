import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "./database.ts";
import { MigrationChangedError, MigrationFailedError } from "./errors.ts";

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256, hex, of the text with unix line ends: a checkout on Windows is not an edit. */
  readonly checksum: string;
}

const register = `create table if not exists schema_migrations (
  name text primary key, checksum text not null, applied_at timestamptz not null default now())`;

/**
 * Applies the folder's `NNNN-name.sql` files that the database has not had yet, in order, each in its own transaction.
 * @returns the names applied now
 * @throws {MigrationChangedError} an applied file was edited or is gone
 * @throws {MigrationFailedError} a file is misnamed, shares its number with another, or its SQL was refused
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  const known = readMigrations(folder);
  await database.query(register);
  const { rows: applied } = await database.query<{ name: string; checksum: string }>(
    "select name, checksum from schema_migrations order by name",
  );
  for (const { name, checksum } of applied) {
    const migration = known.find((candidate) => candidate.name === name);
    if (migration === undefined) throw new MigrationChangedError(name, "missing");
    if (migration.checksum !== checksum) throw new MigrationChangedError(name, "edited");
  }
  const pending = known.filter((migration) => !applied.some(({ name }) => name === migration.name));
  for (const migration of pending) await apply(database, migration);
  return pending.map(({ name }) => name);
}

async function apply(database: Database, { name, sql, checksum }: Migration): Promise<void> {
  await database.transaction(async (tx) => {
    try {
      await tx.query(sql);
    } catch (failure) {
      const detail = failure instanceof Error ? failure.message : String(failure);
      throw new MigrationFailedError(name, detail, failure);
    }
    await tx.query("insert into schema_migrations (name, checksum) values ($1, $2)", [name, checksum]);
  });
}

function readMigrations(folder: string): Migration[] {
  const numbers = new Set<string>();
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
      if (number === undefined) throw new MigrationFailedError(name, "its name is not NNNN-name.sql.");
      if (numbers.has(number)) throw new MigrationFailedError(name, `number ${number} is taken by another file.`);
      numbers.add(number);
      const sql = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}
