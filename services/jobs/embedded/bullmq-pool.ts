import { EventEmitter } from "node:events";
import { ConnectionClosedError, type PgPool, type PgPoolClient, type PgQueryResult } from "bullmq";
import { PlatformError } from "../../foundation/index.ts";
import type { NotifyingDatabase } from "../../storage/index.ts";

/**
 * The embedded database as the small part of a `pg.Pool` that BullMQ asks for. It sends single statements, which may take turns with
 * everybody else's in the one session; only its listeners are connections of their own.
 */
export function bullmqPool(database: NotifyingDatabase): PgPool {
  // Every queue and every worker listens for its errors.
  const pool = new EventEmitter().setMaxListeners(0);
  return Object.assign(pool, {
    // Nothing is to be kept alive, and nothing can be lost on the way: an idle worker need not ask again and again.
    options: { keepAlive: true },
    query: (sql: string, params?: readonly unknown[]) => run(database, sql, params),
    connect: async () => listeningClient(database),
    end: async () => {},
  }) as PgPool;
}

function listeningClient(database: NotifyingDatabase): PgPoolClient {
  const client = new EventEmitter();
  const stops: (() => void)[] = [];
  return Object.assign(client, {
    async query(sql: string, params?: readonly unknown[]) {
      const channel = /^\s*LISTEN\s+"?(\w+)"?;?\s*$/im.exec(sql)?.[1];
      if (channel !== undefined) {
        stops.push(await database.listen(channel, (payload) => client.emit("notification", { channel, payload })));
        return { rows: [], rowCount: 0 };
      }
      // There is one session for all: naming it after one worker would mean nothing.
      if (sql.includes("set_config('application_name'")) return { rows: [], rowCount: 0 };
      return await run(database, sql, params);
    },
    release: () => {
      for (const stop of stops.splice(0)) stop();
    },
  }) as unknown as PgPoolClient;
}

/** @throws {ConnectionClosedError} the database is away: BullMQ waits and tries again, where it would give up on any other error */
// biome-ignore lint/suspicious/noExplicitAny: BullMQ's own shape of a row.
async function run<R = any>(
  database: NotifyingDatabase,
  sql: string,
  params: readonly unknown[] = [],
): Promise<PgQueryResult<R>> {
  try {
    const { rows, rowCount } = await database.query(sql, params);
    return { rows: rows as R[], rowCount };
  } catch (failure) {
    if (!(failure instanceof PlatformError)) throw failure;
    throw Object.assign(new ConnectionClosedError(failure.message), { cause: failure });
  }
}
