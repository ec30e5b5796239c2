import { type Logger, pause } from "../../foundation/index.ts";
import type { Database, Queryable } from "../database.ts";
import { StorageTimeoutError } from "../errors.ts";
import { migrate } from "../migrate.ts";
import { ownMigrations } from "../own-migrations.ts";
import { PostgresDatabase, type PostgresLimits, untilItAnswers } from "./postgres-database.ts";

export interface PostgresOptions extends PostgresLimits {
  /** `postgres://user:password@host:port/database`, with `?sslmode=require` where the way is not one's own. A secret: never logged. */
  readonly url: string;
  readonly migrationsFolder?: string;
  readonly logger?: Logger;
  /** How long a server that does not answer yet is awaited; 30 000 unless told. */
  readonly openTimeoutMs?: number;
  /** For all migrations together, waiting for another process's included; 300 000 unless told. */
  readonly migrationTimeoutMs?: number;
}

/** Any number, always the same: who holds it brings the tables up to date. */
const migrationLock = 7_350_441;

/**
 * A Postgres server, with its tables brought up to date; of several processes that start together one does it while the others wait.
 * @throws {StorageUnavailableError | StorageBusyError | StorageTimeoutError} no server answers in time
 * @throws {MigrationChangedError | MigrationFailedError}
 */
export async function openPostgresDatabase(options: PostgresOptions): Promise<Database> {
  const { url, logger } = options;
  const database = new PostgresDatabase(url, options, logger);
  try {
    await untilItAnswers(database, options.openTimeoutMs ?? 30_000, logger);
    const applied = await migrateAlone(options);
    if (applied.length > 0) logger?.info({ applied }, "database-migrated");
    return database;
  } catch (failure) {
    await database[Symbol.asyncDispose]();
    throw failure;
  }
}

/** Over two connections of its own, with limits of their own: one holds the lock for as long as its transaction lasts, one does the work. */
async function migrateAlone(options: PostgresOptions): Promise<readonly string[]> {
  const { url, logger, migrationsFolder = ownMigrations, migrationTimeoutMs = 300_000 } = options;
  await using database = new PostgresDatabase(
    url,
    { poolSize: 2, queryTimeoutMs: migrationTimeoutMs, transactionTimeoutMs: migrationTimeoutMs },
    logger,
  );
  return await database.transaction(async (tx) => {
    await lock(tx, migrationTimeoutMs);
    return await migrate(database, migrationsFolder);
  });
}

async function lock(tx: Queryable, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const { rows } = await tx.query<{ had: boolean }>("select pg_try_advisory_xact_lock($1) as had", [migrationLock]);
    if (rows[0]?.had === true) return;
    if (performance.now() > endMs) throw new StorageTimeoutError(limitMs);
    await pause(100);
  }
}
