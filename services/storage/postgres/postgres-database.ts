import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Logger, within } from "../../foundation/index.ts";
import type { Database, Queryable, QueryResult } from "../database.ts";
import { SqlError, StorageBusyError, StorageTimeoutError, StorageUnavailableError } from "../errors.ts";
import { errorOf } from "./error-of-failure.ts";

export interface PostgresLimits {
  /** Connections at once; 10 unless told. */
  readonly poolSize?: number;
  /** For one statement; 10 000 unless told. */
  readonly queryTimeoutMs?: number;
  /** For a whole transaction; 30 000 unless told. */
  readonly transactionTimeoutMs?: number;
  /** Longest wait for a connection, be it a free or a new one; 5 000 unless told. */
  readonly waitMs?: number;
  /** Callers that may wait for one; 1 024 unless told. */
  readonly maxWaiting?: number;
}

const defaults: Required<PostgresLimits> = {
  poolSize: 10,
  queryTimeoutMs: 10_000,
  transactionTimeoutMs: 30_000,
  waitMs: 5_000,
  maxWaiting: 1024,
};
/** The server gives a statement up first, and says so; this much later the client no longer believes in the server. */
const patienceMs = 1_000;

/**
 * The `Database` promise kept by a Postgres server, through a pool. A connection that breaks is replaced by the next caller's, so a server
 * that restarts is found again; no statement is repeated, since nobody knows whether it was kept.
 */
export class PostgresDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #limits: Required<PostgresLimits>;
  #closing: Promise<void> | undefined;

  /** @param url `postgres://user:password@host:port/database`; nothing is opened before the first statement */
  constructor(url: string, limits: PostgresLimits = {}, logger?: Logger) {
    this.#limits = { ...defaults, ...limits };
    const { poolSize, queryTimeoutMs, transactionTimeoutMs, waitMs } = this.#limits;
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: "sektor",
      max: poolSize,
      connectionTimeoutMillis: waitMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      statement_timeout: queryTimeoutMs,
      query_timeout: queryTimeoutMs + patienceMs,
      idle_in_transaction_session_timeout: transactionTimeoutMs + patienceMs,
    });
    // An idle connection broke; without a listener that would end the process.
    this.#pool.on("error", (failure) => logger?.warn({ failure: failure.message }, "database-connection-lost"));
  }

  query<Row extends object>(sql: string, params: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return this.#connected((client) => this.#run<Row>(client, sql, params));
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const { transactionTimeoutMs } = this.#limits;
    return this.#connected(async (client) => {
      let over = false;
      let before: Promise<unknown> = Promise.resolve();
      const tx: Queryable = {
        query: async <Row extends object>(sql: string, params: readonly unknown[] = []) => {
          if (over) throw new SqlError({ code: "25P01", message: "The transaction has ended." });
          // One connection, one statement at a time.
          const result = before.then(() => this.#run<Row>(client, sql, params));
          before = result.catch(() => undefined);
          return await result;
        },
      };
      await this.#run(client, "begin", []);
      try {
        const result = await within(
          transactionTimeoutMs,
          work(tx),
          () => new StorageTimeoutError(transactionTimeoutMs),
        );
        over = true;
        const { command } = await this.#run(client, "commit", []);
        // Postgres answers COMMIT with ROLLBACK, and no error, when a statement before it failed and `work` hid that.
        if (command === "ROLLBACK") throw new SqlError({ code: "25P02", message: "The transaction was rolled back." });
        return result;
      } catch (failure) {
        over = true;
        // A connection that is given back broken or busy is closed, and that rolls back as well.
        if (!breaks(failure)) await this.#run(client, "rollback", []);
        throw failure;
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Statements on their way are waited for, each within its own limit.
    this.#closing ??= within(this.#limits.transactionTimeoutMs, this.#pool.end(), () => new Error("late")).catch(
      () => undefined,
    );
    return this.#closing;
  }

  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new StorageUnavailableError();
    if (this.#pool.waitingCount >= this.#limits.maxWaiting) throw new StorageBusyError();
    const client = await this.#pool.connect().catch((failure: unknown) => {
      throw errorOf(failure, this.#limits.waitMs);
    });
    // While it is lent out its breaking is heard here; the statement on its way fails with it.
    const ignore = (): void => undefined;
    client.on("error", ignore);
    let broken = false;
    try {
      return await work(client);
    } catch (failure) {
      broken = breaks(failure);
      throw failure;
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }

  async #run<Row extends object>(client: pg.PoolClient, sql: string, params: readonly unknown[]) {
    try {
      const given: unknown = await client.query(
        params.length === 0 ? { text: sql } : { text: sql, values: [...params] },
      );
      // Several statements give several results.
      const result = (Array.isArray(given) ? given.at(-1) : given) as pg.QueryResult;
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0, command: result.command };
    } catch (failure) {
      throw errorOf(failure, this.#limits.queryTimeoutMs);
    }
  }
}

/** Whether the connection can no longer be trusted after it: anything but a statement's refusal or the caller's own failure. */
function breaks(failure: unknown): boolean {
  return failure instanceof StorageUnavailableError || failure instanceof StorageTimeoutError;
}

/** Asks until the server answers. @throws {StorageUnavailableError | …} what it said last, after `limitMs` */
export async function untilItAnswers(database: Database, limitMs: number, logger?: Logger): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(2_000, pauseMs * 2)) {
    try {
      await database.query("select 1");
      return;
    } catch (failure) {
      if (failure instanceof SqlError || performance.now() + pauseMs > endMs) throw failure;
      logger?.warn({ failure: String(failure) }, "database-awaited");
      await sleep(pauseMs);
    }
  }
}
