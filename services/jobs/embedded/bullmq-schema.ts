import { runMigrations } from "bullmq";
import type { Database } from "../../storage/index.ts";

/** Where BullMQ's tables and functions live, beside ours. The database finds them without this name (services/storage/pglite/pglite-worker.ts). */
const schema = "bullmq";

/** Brings BullMQ's tables up to date, all or nothing. @throws {SqlError | PlatformError} */
export async function migrateBullmq(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    const query = async (sql: string, params?: readonly unknown[]) =>
      // The transaction is ours already.
      /^\s*(BEGIN|COMMIT|ROLLBACK)\s*;?\s*$/i.test(sql) ? { rows: [] } : await tx.query(sql, params);
    await runMigrations({ query } as never, schema);
  });
}

/**
 * Gives back what a killed process was doing. The data folder is one process's alone, so at its start nobody runs anything: there is no lock
 * to wait out. The next look for stalled jobs, which every worker begins with, then finds them as if their locks had run out.
 */
export async function recoverRunning(database: Database): Promise<void> {
  await database.query("update bullmq.job set stalled_marked = true, locked_until_ms = 0 where state = 'active'");
  await database.query("delete from bullmq.meta where field = 'stalled-check'");
}
