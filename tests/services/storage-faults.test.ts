import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Database, StorageTimeoutError, StorageUnavailableError } from "../../services/storage/index.ts";
import { openPgliteDatabase, type PgliteOptions } from "../../services/storage/pglite/pglite-database.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-faults-"));
let database: Database | undefined;
let worker: Worker | undefined;
const remember = (started: Worker) => {
  worker = started;
};

beforeAll(async () => {
  process.on("worker", remember);
  await using first = await openPgliteDatabase({ folder });
  await first.query("create table notes (body text)");
});
beforeEach(async () => {
  await using cleaner = await openPgliteDatabase({ folder });
  await cleaner.query("truncate notes; insert into notes values ('kept')");
});
afterEach(() => database?.[Symbol.asyncDispose]());
afterAll(() => {
  process.off("worker", remember);
  rmSync(folder, { recursive: true, force: true });
});

async function open(limits: Partial<PgliteOptions> = {}): Promise<Database> {
  database = await openPgliteDatabase({ folder, ...limits });
  return database;
}
async function bodies(): Promise<string[]> {
  const { rows } = (await database?.query<{ body: string }>("select body from notes")) ?? { rows: [] };
  return rows.map(({ body }) => body);
}
const busyForLong = "select count(*) from generate_series(1, 1000000000)";

it("says it is unavailable when its worker dies, and starts another with what was committed", async () => {
  const { transaction, query } = bound(await open());
  const halfway = transaction(async (tx) => {
    await tx.query("insert into notes values ('lost')");
    const busy = tx.query(busyForLong);
    void worker?.terminate();
    await busy;
  });
  const behind = query("select 1 as one");
  await expect(halfway).rejects.toThrow(StorageUnavailableError);
  expect(await behind).toMatchObject({ rows: [{ one: 1 }] });
  expect(await bodies()).toEqual(["kept"]);
});

it("ends a transaction with the worker it began in, and never goes on with it in the next", async () => {
  const { transaction } = bound(await open());
  const stubborn = transaction(async (tx) => {
    await tx.query("insert into notes values ('before')");
    await worker?.terminate();
    await expect(tx.query("insert into notes values ('after')")).rejects.toThrow(StorageUnavailableError);
  });
  await expect(stubborn).rejects.toThrow(StorageUnavailableError);
  expect(await bodies()).toEqual(["kept"]);
});

it("gives up a statement that takes too long, and goes on with what was committed", async () => {
  const { transaction, query } = bound(await open({ queryTimeoutMs: 2_000 }));
  await expect(query("select pg_sleep(60)")).rejects.toThrow(StorageTimeoutError);
  const halfway = transaction(async (tx) => {
    await tx.query("insert into notes values ('lost')");
    await tx.query(busyForLong);
  });
  await expect(halfway).rejects.toThrow(StorageTimeoutError);
  expect(await bodies()).toEqual(["kept"]);
});

it("rolls back a transaction that its caller never ends", async () => {
  const { transaction } = bound(await open({ transactionTimeoutMs: 200 }));
  const endless = transaction(async (tx) => {
    await tx.query("insert into notes values ('lost')");
    await new Promise(() => undefined);
  });
  await expect(endless).rejects.toThrow(StorageTimeoutError);
  expect(await bodies()).toEqual(["kept"]);
});

it("tells callers when it is too busy", async () => {
  const { transaction, query } = bound(await open({ waitMs: 50, maxWaiting: 1 }));
  await transaction(async () => {
    const late = query("select 1");
    const refused = query("select 1");
    await expect(refused).rejects.toMatchObject({ code: "storage_busy", status: 503, retryAfterS: 1 });
    await expect(late).rejects.toMatchObject({ code: "storage_busy" });
  });
  expect(await bodies()).toEqual(["kept"]);
});

function bound(open: Database): Pick<Database, "transaction" | "query"> {
  return { transaction: (work) => open.transaction(work), query: (sql, params) => open.query(sql, params) };
}
