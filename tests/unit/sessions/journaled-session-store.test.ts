import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createEmbeddedSessionStore } from "../../../services/sessions/embedded-session-store.ts";
import type { JournaledOptions } from "../../../services/sessions/journaled/journaled-options.ts";
import { openJournaledSessionStore } from "../../../services/sessions/journaled/journaled-session-store.ts";
import { type Database, SqlError, StorageUnavailableError } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeSessionStore } from "../../conformance/session-store.conformance.ts";

const place = mkdtempSync(join(tmpdir(), "sektor-journal-"));
let database: Database;
beforeAll(async () => {
  database = await openPgliteDatabase({ folder: join(place, "database") });
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(place, { recursive: true, force: true });
});

let opened = 0;
const freshFolder = () => join(place, `journal-${++opened}`);

describeSessionStore("Journaled session store", async (options) => {
  let nowMs = 1_700_000_000_000;
  const clock = { nowMs: () => nowMs };
  const behind = createEmbeddedSessionStore(database, { ...options, ...clock });
  return {
    store: await openJournaledSessionStore(behind, { ...options, ...clock, folder: freshFolder() }),
    elapse: async (ms) => {
      nowMs += ms;
    },
  };
});

describeSessionStore("Journaled session store that remembers nothing", async (options) => {
  let nowMs = 1_700_000_000_000;
  const clock = { nowMs: () => nowMs };
  const behind = createEmbeddedSessionStore(database, { ...options, ...clock });
  return {
    store: await openJournaledSessionStore(behind, {
      ...options,
      ...clock,
      folder: freshFolder(),
      maxRecentCharacters: 0,
      gatherMs: 0,
    }),
    elapse: async (ms) => {
      nowMs += ms;
    },
  };
});

describe("What the journal adds", () => {
  const limits = { ttlS: 60, maxMessages: 200 };
  const turn = (content: string) => ({
    sector: null,
    messages: [{ id: content, role: "user" as const, content, at: "2026-01-01T00:00:00.000Z" }],
  });
  /** A keeper behind whose database fails as `failure` says. */
  async function openWithFaults(options: Partial<JournaledOptions> = {}) {
    const behind = createEmbeddedSessionStore(database, limits);
    const fault: { failure: Error | undefined; concerns: (turns: readonly { readonly id: string }[]) => boolean } = {
      failure: undefined,
      concerns: () => true,
    };
    const faulty = {
      ...behind,
      load: vi.fn(behind.load),
      appendAll: vi.fn(async (turns: Parameters<typeof behind.appendAll>[0]) => {
        if (fault.failure !== undefined && fault.concerns(turns)) throw fault.failure;
        return await behind.appendAll(turns);
      }) as typeof behind.appendAll,
      [Symbol.asyncDispose]: () => behind[Symbol.asyncDispose](),
    };
    const folder = options.folder ?? freshFolder();
    const store = await openJournaledSessionStore(faulty, { ...limits, drainLimitMs: 100, ...options, folder });
    return { store, faulty, fault, folder };
  }
  const contents = async (id: string) => {
    await using store = createEmbeddedSessionStore(database, limits);
    return (await store.load(id))?.messages.map(({ content }) => content);
  };
  const journalled = (folder: string) =>
    readdirSync(join(folder, "journal"))
      .map((name) => readFileSync(join(folder, "journal", name), "utf8"))
      .join("");

  it("brings every acknowledged turn over, in order, and forgets it in the journal", async () => {
    const { store, folder } = await openWithFaults();
    for (let n = 0; n < 50; n++) await store.append("in-order", turn(`${n}`));
    await store[Symbol.asyncDispose]();
    expect(await contents("in-order")).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`));
    expect(journalled(folder)).toBe("");
  });

  it("keeps what it acknowledged while the database is down, and brings it over at the next start", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new StorageUnavailableError();
    await store.append("down", { ...turn("bir"), opensSession: true });
    await store.append("down", turn("iki"));
    expect((await store.load("down"))?.messages).toHaveLength(2);
    await store[Symbol.asyncDispose]();
    expect(await contents("down")).toBeUndefined();
    const again = await openWithFaults({ folder });
    expect(await contents("down")).toEqual(["bir", "iki"]);
    expect(journalled(folder)).toBe("");
    await again.store[Symbol.asyncDispose]();
  });

  it("goes on by itself when the database is back", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new StorageUnavailableError();
    await store.append("back", turn("bir"));
    fault.failure = undefined;
    await vi.waitFor(() => expect(journalled(folder)).toBe(""), { timeout: 5_000 });
    expect(await contents("back")).toEqual(["bir"]);
    await store[Symbol.asyncDispose]();
  });

  it("adds a turn once that was brought over just before the process was killed", async () => {
    const { store, folder } = await openWithFaults();
    await store.append("twice", turn("bir"));
    const line = journalled(folder);
    await store[Symbol.asyncDispose]();
    appendFileSync(join(folder, "journal", "turns-a.jsonl"), line);
    const again = await openWithFaults({ folder });
    expect(await contents("twice")).toEqual(["bir"]);
    await again.store[Symbol.asyncDispose]();
  });

  it("drops half a line, which nobody was told is kept", async () => {
    const { store, folder } = await openWithFaults();
    await store[Symbol.asyncDispose]();
    appendFileSync(join(folder, "journal", "turns-b.jsonl"), '{"number":1,"id":"half","turn":{"sec');
    const again = await openWithFaults({ folder });
    expect(await contents("half")).toBeUndefined();
    await again.store[Symbol.asyncDispose]();
  });

  it("starts with damaged lines in its journal: brings over the others, sets these aside as they are, and says so", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new StorageUnavailableError();
    await store.append("around", { ...turn("bir"), opensSession: true });
    await store.append("around", turn("iki"));
    await store[Symbol.asyncDispose]();
    const path = join(folder, "journal", "turns-a.jsonl");
    const [first = "", second = ""] = readFileSync(path, "utf8").split("\n");
    const notJson = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x22]);
    const noTurn = ['{"number":3,"id":"x","turn":null,"atMs":1}', '"bir"', "null", '{"turn":{"messages":[]}}'];
    const lines = [first, ...noTurn, second].map((line) => Buffer.from(`${line}\n`));
    writeFileSync(path, Buffer.concat([notJson, Buffer.from("\n"), ...lines]));
    const warnings: unknown[] = [];
    const warn = (facts: object, event: string) => void warnings.push({ ...facts, event });
    const logger = { debug: () => {}, info: () => {}, warn, error: () => {} };
    const again = await openWithFaults({ folder, logger });
    expect(await contents("around")).toEqual(["bir", "iki"]);
    expect(warnings).toEqual([{ lines: 5, file: "turns.damaged", event: "session-journal-damaged" }]);
    const aside = join(folder, "journal", "turns.damaged");
    expect(readFileSync(aside)).toEqual(
      Buffer.concat([notJson, Buffer.from("\n"), ...noTurn.map((line) => Buffer.from(`${line}\n`))]),
    );
    expect(statSync(aside).mode & 0o077).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("");
    await again.store[Symbol.asyncDispose]();
  });

  it("starts when the database refuses for good what was left, and sets that aside, too", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new StorageUnavailableError();
    await store.append("never", turn("bir"));
    await store[Symbol.asyncDispose]();
    const line = journalled(folder);
    const behind = createEmbeddedSessionStore(database, limits);
    const appendAll = async () => {
      throw new SqlError({ message: "no", code: "22000" });
    };
    const again = await openJournaledSessionStore({ ...behind, appendAll }, { ...limits, folder });
    expect(readFileSync(join(folder, "journal", "turns.damaged"), "utf8")).toBe(line);
    await again[Symbol.asyncDispose]();
  });

  it("does not start, and forgets nothing, when the database is away", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new StorageUnavailableError();
    await store.append("later", { ...turn("bir"), opensSession: true });
    await store[Symbol.asyncDispose]();
    const line = journalled(folder);
    const appendAll = async () => {
      throw new StorageUnavailableError();
    };
    const behind = { ...createEmbeddedSessionStore(database, limits), appendAll };
    await expect(openJournaledSessionStore(behind, { ...limits, folder })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    expect(journalled(folder)).toBe(line);
  });

  it("refuses more when as much as it may hold is on its way", async () => {
    const { store, fault } = await openWithFaults({ maxUnsaved: 2 });
    fault.failure = new StorageUnavailableError();
    await store.append("full", turn("bir"));
    await store.append("full", turn("iki"));
    await expect(store.append("full", turn("üç"))).rejects.toMatchObject({ code: "storage_busy", status: 503 });
    await store[Symbol.asyncDispose]();
  });

  it("is not held up by a turn the database refuses for good", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new SqlError({ message: "no", code: "22000" });
    await store.append("refused", turn("bir"));
    await vi.waitFor(() => expect(journalled(folder)).toBe(""), { timeout: 5_000 });
    fault.failure = undefined;
    await store.append("taken", turn("iki"));
    await store[Symbol.asyncDispose]();
    expect(await contents("taken")).toEqual(["iki"]);
  });

  it("gives the database turns of many sessions in one statement, and those of one session in their order", async () => {
    const { store, faulty } = await openWithFaults();
    for (let n = 0; n < 3; n++)
      for (let session = 0; session < 20; session++) await store.append(`many-${session}`, turn(`${n}`));
    await store[Symbol.asyncDispose]();
    expect(faulty.appendAll).toHaveBeenCalledTimes(3);
    for (let session = 0; session < 20; session++) expect(await contents(`many-${session}`)).toEqual(["0", "1", "2"]);
  });

  it("keeps all turns of a statement but the one that is refused for good", async () => {
    const { store, fault, folder } = await openWithFaults();
    fault.failure = new SqlError({ message: "no", code: "22000" });
    fault.concerns = (turns) => turns.some(({ id }) => id === "poison");
    for (const id of ["well-1", "poison", "well-2"]) await store.append(id, turn("bir"));
    await vi.waitFor(() => expect(journalled(folder)).toBe(""), { timeout: 5_000 });
    await store[Symbol.asyncDispose]();
    expect(await Promise.all(["well-1", "poison", "well-2"].map(contents))).toEqual([["bir"], undefined, ["bir"]]);
  });

  it("reads a session it has just written or read without asking the database", async () => {
    const { store, faulty } = await openWithFaults();
    await store.append("memory", { ...turn("bir"), opensSession: true });
    expect((await store.load("memory"))?.messages).toHaveLength(1);
    expect(faulty.load).not.toHaveBeenCalled();
    await store[Symbol.asyncDispose]();
    const again = await openWithFaults();
    await again.store.load("memory");
    expect((await again.store.load("memory"))?.messages).toHaveLength(1);
    expect(again.faulty.load).toHaveBeenCalledTimes(1);
    await again.store[Symbol.asyncDispose]();
  });

  it("lets nobody else read the journal", async () => {
    const { store, folder } = await openWithFaults();
    expect(statSync(join(folder, "journal")).mode & 0o077).toBe(0);
    expect(statSync(join(folder, "journal", "turns-a.jsonl")).mode & 0o077).toBe(0);
    await store[Symbol.asyncDispose]();
  });
});
