import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import type { OwnedSessionStore } from "../../services/sessions/index.ts";
import { openJournaledSessionStore } from "../../services/sessions/journaled/journaled-session-store.ts";
import type { Database } from "../../services/storage/index.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";

const place = mkdtempSync(join(tmpdir(), "sektor-full-"));
const folder = join(place, "data");
const ballast = join(place, "ballast");
/** A disk of 64 MB of our own. Where mounting is not permitted, Postgres is made to report a full disk by a trigger instead. */
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", place]).status === 0;

let database: Database;
let store: OwnedSessionStore;
beforeAll(async () => {
  database = await openPgliteDatabase({ folder, reopenPauseMs: 10 });
});
beforeEach(() => {
  store = createEmbeddedSessionStore(database, { ttlS: 60, maxMessages: 200 });
});
afterEach(async () => {
  await free();
  await store[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  if (mounted) spawnSync("umount", ["-l", place]);
  rmSync(place, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  if (!mounted) {
    await database.query(`create function full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$;
      create trigger full_disk before insert on session_messages execute function full_disk()`);
    return;
  }
  const file = openSync(ballast, "a");
  for (const bytes of [1 << 20, 1 << 12]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes));
    } catch {
      // Full, to within this many bytes.
    }
  }
  closeSync(file);
}
async function free(): Promise<void> {
  if (mounted) rmSync(ballast, { force: true });
  else await database.query("drop function if exists full_disk cascade");
}

const turn = (id: string) => ({
  sector: null,
  // Random text, so that no compression makes room for it.
  messages: [{ id, role: "user" as const, content: randomText(200_000), at: "2026-01-01T00:00:00.000Z" }],
});
function randomText(length: number): string {
  return Array.from({ length }, (_, place) =>
    String.fromCharCode(97 + ((place * 7919 + (place >> 3) * 104729 + place * place) % 26)),
  ).join("");
}
/** Appends until the disk has no more room; what had been acknowledged, and the refusal. */
async function appendUntilFull(id: string): Promise<{ kept: number; refusal: unknown }> {
  for (let kept = 0; kept < 1_000; kept++) {
    const refusal = await store.append(`${id}-${kept}`, turn("m")).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (refusal !== undefined) return { kept, refusal };
  }
  throw new Error("The disk never became full.");
}
const storageFull = { code: "storage_full", status: 507 };

it("says the disk is full, keeps what it acknowledged, and writes again when there is room", async () => {
  await store.append("before", turn("m"));
  await fill();
  const { kept, refusal } = await appendUntilFull("during");
  expect(refusal).toMatchObject(storageFull);
  await expect(store.append("again", turn("m"))).rejects.toMatchObject(storageFull);
  expect((await store.load("before"))?.messages).toHaveLength(1);
  await free();
  await store.append("after", turn("m"));
  for (const id of ["before", "after", ...Array.from({ length: kept }, (_, n) => `during-${n}`)]) {
    expect((await store.load(id))?.messages, id).toHaveLength(1);
  }
  expect(await store.load("again")).toBeUndefined();
});

// Both need a disk that is really full: no trigger ends Postgres or keeps it from starting.
describe.runIf(mounted)("with a disk of its own", () => {
  it("outlives a Postgres that ends because its log has no room", async () => {
    await store.append("before-panic", turn("m"));
    await fill();
    const logMore = () => database.query("select pg_logical_emit_message(true, 'x', repeat('x', 1000000))");
    const untilPanic = async () => {
      for (let n = 0; n < 40; n++) await logMore();
    };
    await expect(untilPanic()).rejects.toMatchObject(storageFull);
    await free();
    expect((await store.load("before-panic"))?.messages).toHaveLength(1);
    await store.append("after-panic", turn("m"));
    expect((await store.load("after-panic"))?.messages).toHaveLength(1);
  });

  it("says the disk is full when a first start has no room, and starts when there is", async () => {
    await fill();
    const second = join(place, "second");
    await expect(openPgliteDatabase({ folder: second })).rejects.toMatchObject(storageFull);
    await database[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
    await free();
    database = await openPgliteDatabase({ folder: second });
    expect((await database.query("select 1")).rowCount).toBe(1);
  });
});

it.runIf(mounted)("refuses a turn its journal has no room for, and keeps those before and after it", async () => {
  const limits = { ttlS: 60, maxMessages: 200 };
  const open = () =>
    openJournaledSessionStore(createEmbeddedSessionStore(database, limits), { ...limits, folder, drainLimitMs: 100 });
  const short = (id: string) => ({ sector: null, messages: [{ id, role: "user" as const, content: id, at: "x" }] });
  const journaled = await open();
  await journaled.append("journal", short("before"));
  await fill();
  await expect(journaled.append("journal", turn("too much"))).rejects.toMatchObject(storageFull);
  await free();
  await journaled.append("journal", short("after"));
  await journaled[Symbol.asyncDispose]();
  await using again = await open();
  expect((await again.load("journal"))?.messages.map(({ id }) => id)).toEqual(["before", "after"]);
});
