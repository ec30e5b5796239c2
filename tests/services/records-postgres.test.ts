import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDatabaseRequestLog } from "../../services/records/database-request-log.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { TestPostgres } from "../support/postgres.ts";
import { requestRow } from "../support/request-row.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-records-"));
let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it("loses no row and doubles none while Postgres is killed and comes back under load", async () => {
  await using database = await openPostgresDatabase({ url: server.url, queryTimeoutMs: 1_000, waitMs: 500 });
  await using log = createDatabaseRequestLog(database, { folder, keepMessages: false, gatherMs: 5 });
  let recorded = 0;
  const load = setInterval(() => {
    for (let n = 0; n < 5; n++) log.record(requestRow(String(recorded++).padStart(6, "0")));
  }, 2);
  await vi.waitFor(() => expect(log.counts.kept).toBeGreaterThan(100), { timeout: 10_000 });
  await server.kill();
  await vi.waitFor(() => expect(log.counts.spooled).toBeGreaterThan(300), { timeout: 20_000 });
  await server.restart();
  const keptBefore = log.counts.kept;
  await vi.waitFor(() => expect(log.counts.kept).toBeGreaterThan(keptBefore), { timeout: 20_000 });
  clearInterval(load);
  await log.flush();
  const { rows } = await database.query<{ id: string }>("select id from requests order by ctid");
  expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: recorded }, (_, n) => n));
  expect(log.counts.refused).toBe(0);
});
