import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import {
  type Database,
  StorageBusyError,
  StorageTimeoutError,
  StorageUnavailableError,
} from "../../services/storage/index.ts";
import { openPostgresDatabase, type PostgresOptions } from "../../services/storage/postgres/open-postgres-database.ts";
import { describeDatabase } from "../conformance/database.conformance.ts";
import { describeSessionStore } from "../conformance/session-store.conformance.ts";
import { TestPostgres } from "../support/postgres.ts";

const noMigrations = mkdtempSync(join(tmpdir(), "sektor-none-"));
let server: TestPostgres;
let url: string;
let database: Database | undefined;
beforeAll(async () => {
  server = await TestPostgres.start();
  url = await server.createDatabase("faults");
  await using first = await open();
  await first.query("create table notes (body text); insert into notes values ('kept')");
});
afterEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = undefined;
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(noMigrations, { recursive: true, force: true });
});

async function open(limits: Partial<PostgresOptions> = {}): Promise<Database> {
  return await openPostgresDatabase({ url, migrationsFolder: noMigrations, waitMs: 1_000, ...limits });
}
async function bodies(): Promise<string[]> {
  const { rows } = (await database?.query<{ body: string }>("select body from notes order by body")) ?? { rows: [] };
  return rows.map(({ body }) => body);
}

describeDatabase("Postgres", async (migrationsFolder) => {
  conformance ??= await server.createDatabase("conformance");
  return await openPostgresDatabase({ url: conformance, migrationsFolder });
});
let conformance: string | undefined;

it("says it is unavailable while the server is away, and goes on with what was committed when it is back", async () => {
  database = await open();
  await database.transaction((tx) => tx.query("insert into notes values ('later')"));
  await server.stop();
  await expect(database.query("select 1")).rejects.toMatchObject({ code: "storage_unavailable", status: 503 });
  await server.restart();
  expect(await bodies()).toEqual(["kept", "later"]);
  await database.query("delete from notes where body = 'later'");
});

it("keeps nothing of a transaction whose server was killed, and everything of one that was committed", async () => {
  database = await open();
  const opened = database;
  const halfway = opened.transaction(async (tx) => {
    await tx.query("insert into notes values ('lost')");
    await server.kill();
    await expect(tx.query("insert into notes values ('after')")).rejects.toThrow(StorageUnavailableError);
    return await tx.query("select 1");
  });
  await expect(halfway).rejects.toThrow(StorageUnavailableError);
  await server.restart();
  expect(await bodies()).toEqual(["kept"]);
});

it("gives up a statement that takes too long, on the server as well", async () => {
  database = await open({ queryTimeoutMs: 300 });
  await expect(database.query("select pg_sleep(60)")).rejects.toThrow(StorageTimeoutError);
  const { rows } = await database.query(
    "select 1 from pg_stat_activity where query like '%pg_sleep(6%' and state = 'active' and pid <> pg_backend_pid()",
  );
  expect(rows).toEqual([]);
});

it("gives up a server that hangs, and finds it again when it answers", async () => {
  database = await open({ queryTimeoutMs: 300 });
  server.freeze();
  await expect(database.query("select 1")).rejects.toMatchObject({ status: 503 });
  await expect(database.query("select 1")).rejects.toMatchObject({ status: 503 });
  server.thaw();
  expect(await bodies()).toEqual(["kept"]);
});

it("rolls back a transaction that its caller never ends", async () => {
  database = await open({ transactionTimeoutMs: 200 });
  const endless = database.transaction(async (tx) => {
    await tx.query("insert into notes values ('lost')");
    await new Promise(() => undefined);
  });
  await expect(endless).rejects.toThrow(StorageTimeoutError);
  expect(await bodies()).toEqual(["kept"]);
});

it("tells callers when it is too busy", async () => {
  database = await open({ poolSize: 1, waitMs: 100, maxWaiting: 1 });
  const opened = database;
  await opened.transaction(async () => {
    const late = opened.query("select 1");
    await expect(opened.query("select 1")).rejects.toMatchObject({ code: "storage_busy", retryAfterS: 1 });
    await expect(late).rejects.toThrow(StorageBusyError);
  });
  expect(await bodies()).toEqual(["kept"]);
});

it("does not start where no server answers", async () => {
  const nowhere = open({ url: "postgres://sektor@127.0.0.1:1/postgres", openTimeoutMs: 300 });
  await expect(nowhere).rejects.toThrow(StorageUnavailableError);
});

it("lets one of several processes that start together apply the migrations, each once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sektor-together-"));
  writeFileSync(
    join(folder, "0001-slow.sql"),
    "select pg_sleep(0.3); create table once (id int); insert into once values (1);",
  );
  const together = await server.createDatabase("together");
  const opened = await Promise.all(Array.from({ length: 4 }, () => open({ url: together, migrationsFolder: folder })));
  expect((await opened[0]?.query("select * from once"))?.rows).toEqual([{ id: 1 }]);
  await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  rmSync(folder, { recursive: true });
});

it("is made ready by `migrate`, as often as it is run, and without saying its password", async () => {
  const fresh = await server.createDatabase("by_hand");
  const environment = {
    ...process.env,
    SEKTOR_STORAGE: "postgres",
    SEKTOR_POSTGRES_URL: fresh.replace("sektor@", "sektor:gizli@"),
  };
  const run = () =>
    spawnSync(process.execPath, ["--import", "tsx", "services/main/migrate.ts"], {
      env: environment,
      encoding: "utf8",
    });
  for (const { status, stdout, stderr } of [run(), run()]) {
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("0001-sessions.sql");
    expect(stdout).not.toContain("gizli");
  }
  database = await openPostgresDatabase({ url: fresh });
  expect((await database.query("select count(*) from sessions")).rows).toEqual([{ count: "0" }]);
});

describe("sessions in a Postgres server", () => {
  let sessions: Database;
  let behindMs = 0;
  beforeAll(async () => {
    sessions = await openPostgresDatabase({ url: await server.createDatabase("sessions") });
  });
  afterAll(() => sessions?.[Symbol.asyncDispose]());
  describeSessionStore("Postgres session store", async (options) => {
    behindMs = 0;
    return {
      store: createEmbeddedSessionStore(sessions, { ...options, nowMs: () => Date.now() + behindMs }),
      elapse: async (ms) => {
        behindMs += ms;
      },
    };
  });
});
