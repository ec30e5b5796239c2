import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createEmbeddedSessionStore } from "../../../services/sessions/embedded-session-store.ts";
import type { Database } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeSessionStore } from "../../conformance/session-store.conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-sessions-"));
let database: Database;
beforeAll(async () => {
  database = await openPgliteDatabase({ folder });
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describeSessionStore("Embedded session store", async (options) => {
  let nowMs = 1_700_000_000_000;
  return {
    store: createEmbeddedSessionStore(database, { ...options, nowMs: () => nowMs }),
    elapse: async (ms) => {
      nowMs += ms;
    },
  };
});

it("sweeps sessions whose time is over out of the database, with their messages", async () => {
  let nowMs = 1_800_000_000_000;
  await using store = createEmbeddedSessionStore(database, {
    ttlS: 60,
    maxMessages: 10,
    nowMs: () => nowMs,
    sweepEveryMs: 10,
  });
  const said = { role: "user", content: "x", at: "2026-01-01T00:00:00.000Z" } as const;
  await store.append("sweep-old", { sector: null, messages: [{ id: "1", ...said }] });
  nowMs += 50_000;
  await store.append("sweep-new", { sector: null, messages: [{ id: "2", ...said }] });
  nowMs += 10_001;
  const kept = async (table: string, column: string) => {
    const { rows } = await database.query<{ id: string }>(
      `select ${column} as id from ${table} where ${column} like 'sweep-%'`,
    );
    return rows.map(({ id }) => id);
  };
  await vi.waitFor(async () => expect(await kept("sessions", "id")).toEqual(["sweep-new"]), { timeout: 10_000 });
  expect(await kept("session_messages", "session_id")).toEqual(["sweep-new"]);
});

it("keeps turns of many sessions at once, each by its own limit, and names those of another key's session", async () => {
  const atMs = 1_800_000_000_000;
  await using store = createEmbeddedSessionStore(database, { ttlS: 60, maxMessages: 3, nowMs: () => atMs });
  const said = (id: string) => ({ id, role: "user", content: id, at: "2026-01-01T00:00:00.000Z" }) as const;
  const turn = (owner: string, ids: readonly string[]) => ({ owner, sector: null, messages: ids.map(said) });
  await store.append("at-once-a", turn("k1", ["1", "2"]));
  await store.append("at-once-b", turn("k1", ["1"]));
  const given = [
    { id: "at-once-a", turn: turn("k1", ["2", "3", "4"]), atMs },
    { id: "at-once-b", turn: turn("k2", ["2"]), atMs },
    { id: "at-once-c", turn: turn("k3", ["1", "2", "3", "4"]), atMs },
  ];
  expect(await store.appendAll(given)).toEqual([given[1]]);
  const ids = async (id: string) => (await store.load(id))?.messages.map((message) => message.id);
  expect(await Promise.all(["at-once-a", "at-once-b", "at-once-c"].map(ids))).toEqual([
    ["2", "3", "4"],
    ["1"],
    ["2", "3", "4"],
  ]);
});
