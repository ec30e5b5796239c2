import { FairLock } from "../../foundation/fair-lock.ts";
import { type Logger, within } from "../../foundation/index.ts";
import type { NotifyingDatabase, Queryable, QueryResult } from "../database.ts";
import { SqlError, StorageBusyError, StorageTimeoutError, StorageUnavailableError } from "../errors.ts";
import { migrate } from "../migrate.ts";
import { ownMigrations } from "../own-migrations.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { PgliteConnection } from "./pglite-connection.ts";
import { templateFolder } from "./template.ts";
import type { WorkerResult } from "./worker-protocol.ts";

export interface PgliteOptions {
  /** The data folder; made with mode 0700 when missing. One process at a time. */
  readonly folder: string;
  readonly migrationsFolder?: string;
  /** Copied on the first start where it exists; by default what `npm ci` has made. Without it the database is made anew. */
  readonly template?: string;
  readonly logger?: Logger;
  /** For one statement. */
  readonly queryTimeoutMs?: number;
  /** For a whole transaction. */
  readonly transactionTimeoutMs?: number;
  /** For a start; the first one, on a slow machine, takes ten seconds and more. */
  readonly openTimeoutMs?: number;
  /** Longest wait for the one session. */
  readonly waitMs?: number;
  /** Callers that may wait for it. */
  readonly maxWaiting?: number;
  /** Pause between two attempts to start a database that does not start. */
  readonly reopenPauseMs?: number;
}

/**
 * Postgres inside this process: no server, one folder, one session that callers take in turn.
 * Nothing is lost when the process is killed; a power cut may lose the last moments, since files are not fsynced.
 * @throws {DataFolderInUseError | DataFolderUnusableError | StorageFullError | StorageUnavailableError | StorageTimeoutError}
 * @throws {MigrationChangedError | MigrationFailedError}
 */
export async function openPgliteDatabase(options: PgliteOptions): Promise<NotifyingDatabase> {
  const database = new PgliteDatabase(await openDataFolder(options.folder), options);
  try {
    await database.start();
    const applied = await migrate(database, options.migrationsFolder ?? ownMigrations);
    if (applied.length > 0) options.logger?.info({ applied }, "database-migrated");
    return database;
  } catch (failure) {
    await database[Symbol.asyncDispose]();
    throw failure;
  }
}

class PgliteDatabase implements NotifyingDatabase {
  readonly #folder: DataFolder;
  readonly #limits: Required<Omit<PgliteOptions, "folder" | "migrationsFolder" | "template" | "logger">>;
  readonly #template: string;
  readonly #logger: Logger | undefined;
  readonly #session: FairLock;
  /** Channel → who listens. */
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  #connection: PgliteConnection | undefined;
  #lastFailure: { readonly error: unknown; readonly atMs: number } | undefined;
  #closing: Promise<void> | undefined;

  constructor(folder: DataFolder, { folder: _, migrationsFolder: __, template, logger, ...limits }: PgliteOptions) {
    this.#folder = folder;
    this.#template = template ?? templateFolder();
    this.#logger = logger;
    this.#limits = { ...defaults, ...limits };
    this.#session = new FairLock(this.#limits.maxWaiting);
  }

  /** Opens the database, making it on the first start. */
  async start(): Promise<void> {
    const isNew = this.#folder.prepare(this.#template);
    await this.#alone(async () => undefined);
    if (isNew) this.#folder.initialised();
  }

  query<Row extends object>(sql: string, params: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return this.#alone(async (connection) =>
      shapedAsPg<Row>(await connection.query(sql, params, this.#limits.queryTimeoutMs)),
    );
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const { queryTimeoutMs, transactionTimeoutMs } = this.#limits;
    return this.#alone(async (connection) => {
      let over = false;
      const tx: Queryable = {
        query: async <Row extends object>(sql: string, params: readonly unknown[] = []) => {
          if (over) throw new SqlError({ code: "25P01", message: "The transaction has ended." });
          return shapedAsPg<Row>(await connection.query(sql, params, queryTimeoutMs));
        },
      };
      await connection.query("begin", [], queryTimeoutMs);
      try {
        const result = await within(
          transactionTimeoutMs,
          work(tx),
          () => new StorageTimeoutError(transactionTimeoutMs),
        );
        over = true;
        const { command } = await connection.query("commit", [], queryTimeoutMs);
        // Postgres answers COMMIT with ROLLBACK, and no error, when a statement before it failed and `work` hid that.
        if (command === "ROLLBACK") throw new SqlError({ code: "25P02", message: "The transaction was rolled back." });
        return result;
      } catch (failure) {
        over = true;
        await connection.query("rollback", [], queryTimeoutMs).catch(() => connection.end());
        throw failure;
      }
    });
  }

  async listen(channel: string, hear: (payload: string) => void): Promise<() => void> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(hear));
    await this.query(listenTo(channel));
    return () => listeners.delete(hear);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Callers already waiting are served, later ones refused. */
  async #close(): Promise<void> {
    const release = await this.#session.acquire(this.#limits.transactionTimeoutMs);
    await this.#connection?.close(this.#limits.queryTimeoutMs);
    this.#folder.release();
    if (typeof release === "function") release();
  }

  async #alone<T>(work: (connection: PgliteConnection) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new StorageUnavailableError();
    const release = await this.#session.acquire(this.#limits.waitMs);
    if (typeof release === "string") throw new StorageBusyError();
    try {
      return await work(await this.#connected());
    } finally {
      release();
    }
  }

  /** The living connection, or a new one; a database that would not start is left alone for a moment before the next attempt. */
  async #connected(): Promise<PgliteConnection> {
    if (this.#connection?.alive) return this.#connection;
    if (this.#connection !== undefined) {
      this.#logger?.warn({}, "database-restart");
      // The former worker must be gone: two on one folder would ruin it.
      await this.#connection.end();
      this.#connection = undefined;
    }
    const failed = this.#lastFailure;
    if (failed !== undefined && performance.now() - failed.atMs < this.#limits.reopenPauseMs) throw failed.error;
    try {
      const { openTimeoutMs, queryTimeoutMs } = this.#limits;
      const connection = await PgliteConnection.open(this.#folder.databaseFolder, openTimeoutMs, (channel, payload) => {
        for (const hear of this.#listeners.get(channel) ?? []) hear(payload);
      });
      this.#connection = connection;
      for (const channel of this.#listeners.keys()) await connection.query(listenTo(channel), [], queryTimeoutMs);
      this.#lastFailure = undefined;
      return connection;
    } catch (error) {
      this.#lastFailure = { error, atMs: performance.now() };
      throw error;
    }
  }
}

const defaults = {
  queryTimeoutMs: 10_000,
  transactionTimeoutMs: 30_000,
  openTimeoutMs: 90_000,
  waitMs: 30_000,
  maxWaiting: 1024,
  reopenPauseMs: 1000,
};

/** Bytes arrive from the other thread as Uint8Array. */
function shapedAsPg<Row>({ rows, rowCount, byteColumns }: WorkerResult): QueryResult<Row> {
  for (const column of byteColumns) {
    for (const row of rows) {
      const value = row[column];
      if (value instanceof Uint8Array) row[column] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  }
  return { rows: rows as Row[], rowCount };
}

function listenTo(channel: string): string {
  return `listen "${channel.replaceAll('"', '""')}"`;
}
