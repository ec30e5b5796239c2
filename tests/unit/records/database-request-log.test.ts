import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createDatabaseRequestLog, type RequestLogOptions } from "../../../services/records/database-request-log.ts";
import { startForgettingTexts } from "../../../services/records/forget-texts.ts";
import type { OwnedRequestLog } from "../../../services/records/index.ts";
import { type Database, StorageUnavailableError } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { requestRow } from "../../support/request-row.ts";

const parent = mkdtempSync(join(tmpdir(), "sektor-records-"));
let database: Database;
let away = false;
/** The database, behind a way that can be cut. */
const reached: Database = {
  query: (sql, params) => (away ? Promise.reject(new StorageUnavailableError()) : database.query(sql, params)),
  transaction: (work) => database.transaction(work),
  [Symbol.asyncDispose]: async () => undefined,
};
let folder: string;
let log: OwnedRequestLog | undefined;
beforeAll(async () => {
  database = await openPgliteDatabase({ folder: join(parent, "database") });
}, 120_000);
beforeEach(async () => {
  away = false;
  folder = mkdtempSync(join(parent, "data-"));
  await database.query("delete from requests");
});
afterEach(() => log?.[Symbol.asyncDispose]());
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(parent, { recursive: true, force: true });
});

function open(options: Partial<RequestLogOptions> = {}): OwnedRequestLog {
  log = createDatabaseRequestLog(reached, { folder, keepMessages: true, gatherMs: 1, closeLimitMs: 200, ...options });
  return log;
}
/** In the order in which they came, which Postgres' own row addresses tell in a table nothing was updated in. */
async function kept(): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>("select id from requests order by ctid");
  return rows.map(({ id }) => id);
}
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, n) => String(from + n));
const spooled = () => readdirSync(join(folder, "requests"));

describe("the request log", () => {
  it("keeps every field of a row", async () => {
    const requests = open();
    requests.record(requestRow("a"));
    await requests.flush();
    const { rows } = await database.query("select * from requests");
    expect(rows).toEqual([
      {
        id: "a",
        at: new Date("2026-01-01T00:00:00.000Z"),
        endpoint: "/api/v1/chat",
        session_id: "s",
        message_id: "m-a",
        user_id: "ayşe",
        sector: "legal",
        confidence: 0.9,
        routed_by: "router",
        adapter: "legal@1",
        prompt_tokens: 10,
        completion_tokens: 5,
        cached_tokens: 2,
        queue_ms: 0.5,
        prompt_ms: 20,
        predicted_ms: 40,
        total_ms: 65.5,
        outcome: "ok",
        message: "Kıdem tazminatı nedir?",
        reply: "Otuz günlük ücrettir.",
      },
    ]);
  });

  it("writes what was said nowhere where it is not to be kept", async () => {
    const requests = open({ keepMessages: false });
    away = true;
    requests.record(requestRow("a"));
    await vi.waitFor(() => expect(requests.counts.spooled).toBe(1));
    const files = spooled().map((name) => readFileSync(join(folder, "requests", name), "utf8"));
    expect(files.join()).toContain("legal@1");
    expect(files.join()).not.toMatch(/tazminat|ücret/);
    away = false;
    await requests.flush();
    const { rows } = await database.query("select message, reply from requests");
    expect(rows).toEqual([{ message: null, reply: null }]);
  });

  it("keeps a row once though it comes twice", async () => {
    const requests = open();
    for (const id of ["a", "b", "a"]) requests.record(requestRow(id));
    await requests.flush();
    expect(await kept()).toEqual(["a", "b"]);
    expect(requests.counts).toEqual({ kept: 2, spooled: 0, refused: 0 });
  });

  it("holds rows on disk while the database is away, and brings them over once and in order", async () => {
    const requests = open({ batchRows: 7 });
    for (const id of numbered(10)) requests.record(requestRow(id));
    await requests.flush();
    away = true;
    for (const id of numbered(30, 10)) requests.record(requestRow(id));
    await vi.waitFor(() => expect(requests.counts.spooled).toBe(30));
    for (const id of numbered(30, 40)) requests.record(requestRow(id));
    await expect(requests.flush()).rejects.toThrow(StorageUnavailableError);
    away = false;
    for (const id of numbered(30, 70)) requests.record(requestRow(id));
    await requests.flush();
    expect(await kept()).toEqual(numbered(100));
    expect([requests.counts.kept, requests.counts.refused, spooled()]).toEqual([100, 0, []]);
  });

  it("brings over what can still be read of a damaged spool, and says how much cannot", async () => {
    const former = open();
    away = true;
    for (const id of ["a", "b"]) former.record(requestRow(id));
    await vi.waitFor(() => expect(former.counts.spooled).toBe(2));
    await former[Symbol.asyncDispose]();
    const path = join(folder, "requests", spooled()[0] ?? "");
    writeFileSync(path, `{"id":"x\u0000\n${readFileSync(path, "utf8")}`);
    away = false;
    const warnings: unknown[] = [];
    const warn = (facts: object, event: string) => void warnings.push({ ...facts, event });
    const requests = open({ logger: { debug: () => {}, info: () => {}, warn, error: () => {} } });
    await requests.flush();
    expect(await kept()).toEqual(["a", "b"]);
    expect(requests.counts).toMatchObject({ kept: 2, refused: 1 });
    expect(warnings).toEqual([{ lines: 1, file: "rows.damaged", event: "request-spool-damaged" }]);
    expect(spooled()).toEqual(["rows.damaged"]);
  });

  it("comes back by itself when the database does", async () => {
    const requests = open();
    away = true;
    requests.record(requestRow("a"));
    await vi.waitFor(() => expect(requests.counts.spooled).toBe(1));
    away = false;
    await vi.waitFor(async () => expect(await kept()).toEqual(["a"]), { timeout: 10_000 });
  });

  it("brings over what a former process left, also what it had begun to bring over", async () => {
    const former = open();
    away = true;
    for (const id of numbered(5)) former.record(requestRow(id));
    await former[Symbol.asyncDispose]();
    away = false;
    const again = open();
    await again.flush();
    expect(await kept()).toEqual(numbered(5));
  });

  it("brings over what it holds when it is closed", async () => {
    const requests = open({ gatherMs: 60_000 });
    for (const id of numbered(5)) requests.record(requestRow(id));
    await requests[Symbol.asyncDispose]();
    expect(await kept()).toEqual(numbered(5));
  });

  it("refuses only what neither memory nor disk has room for, and counts it", async () => {
    const told: Record<string, number> = {};
    const onCount = (what: string, rows: number) => {
      told[what] = (told[what] ?? 0) + rows;
    };
    away = true;
    const line = JSON.stringify(requestRow("00")).length + 1;
    const requests = open({ maxWaiting: 5, maxSpoolBytes: 10 * line, onCount });
    let recorded = 0;
    await vi.waitFor(() => {
      requests.record(requestRow(String(10 + recorded++)));
      expect(requests.counts.refused).toBe(3);
    });
    away = false;
    await requests.flush();
    expect(await kept()).toHaveLength(recorded - 3);
    expect(told).toEqual({ kept: recorded - 3, spooled: requests.counts.spooled, refused: 3 });
  });

  it("does not let a row the database refuses hold up the others", async () => {
    const requests = open();
    requests.record(requestRow("a"));
    requests.record(requestRow("bad", { at: "never" }));
    requests.record(requestRow("b", { message: "\0 \ud800", userId: "\0" }));
    await requests.flush();
    expect(await kept()).toEqual(["a", "b"]);
    expect(requests.counts.refused).toBe(1);
  });

  it("forgets a user: rows of the user, of the sessions given, and those still on their way", async () => {
    const requests = open({ gatherMs: 60_000 });
    requests.record(requestRow("a"));
    requests.record(requestRow("b", { userId: null, sessionId: "of ayşe" }));
    requests.record(requestRow("c", { userId: "ali", sessionId: "of ali" }));
    expect(await requests.eraseUser("ayşe", ["of ayşe"])).toBe(2);
    expect(await kept()).toEqual(["c"]);
    away = true;
    await expect(requests.eraseUser("ali", [])).rejects.toThrow(StorageUnavailableError);
  });
});

it("takes what was said out of rows whose days are over, and leaves their numbers", async () => {
  const requests = open();
  requests.record(requestRow("old"));
  requests.record(requestRow("new", { at: "2026-01-20T00:00:00.000Z" }));
  await requests.flush();
  await using forgetting = startForgettingTexts(database, {
    days: 30,
    nowMs: () => Date.parse("2026-02-01T00:00:00Z"),
  });
  expect(forgetting).toBeDefined();
  await vi.waitFor(async () => {
    const { rows } = await database.query("select id, message, reply, total_ms from requests order by at");
    expect(rows).toEqual([
      { id: "old", message: null, reply: null, total_ms: 65.5 },
      { id: "new", message: "Kıdem tazminatı nedir?", reply: "Otuz günlük ücrettir.", total_ms: 65.5 },
    ]);
  });
});
