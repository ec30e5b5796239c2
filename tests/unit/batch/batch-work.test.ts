import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BatchWorkParts, createBatchWork } from "../../../services/batch/batch-work.ts";
import type { Batch } from "../../../services/batch/batches.ts";
import { createDatabaseBatchFiles } from "../../../services/batch/database-batch-files.ts";
import { createDatabaseBatchStore } from "../../../services/batch/database-batch-store.ts";
import { readLines } from "../../../services/batch/line-store.ts";
import type { Database } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { answersIn, contextWith, newBatch, nobody, pieceOf, prepareWith, requestFile } from "./batch-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-batch-"));
let database: Database;
let nowMs = 0;
let ids = 0;
const newId = () => `id-${++ids}`;
const never = new AbortController().signal;
const ok = async (text: string) => ({ statusCode: 200, body: { text } });

beforeAll(async () => {
  database = await openPgliteDatabase({ folder: join(folder, "data") });
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  nowMs = Date.parse("2026-01-01T00:00:00Z");
  await database.query("truncate batch_files, batch_lines, batches");
});

function roomWith(parts: Partial<BatchWorkParts> = {}) {
  const common = { newId, nowMs: () => nowMs, keepFilesDays: 30 };
  const store = createDatabaseBatchStore(database, common);
  const files = createDatabaseBatchFiles(database, {
    ...common,
    maxLines: 100_000,
    maxFileBytes: 10_000_000,
    maxFilesPerKey: 100,
  });
  const work = createBatchWork({
    store,
    linesOf: (id) => readLines(database, { id, ok: null }),
    prepare: prepareWith(ok),
    concurrency: 1,
    isBusy: async () => false,
    newId,
    ...parts,
  });
  const begin = async (text: string): Promise<Batch> => {
    const inputFileId = await files.receive(null, pieceOf(text));
    await files.keep(inputFileId, { filename: "in.jsonl" });
    return await store.insert(newId(), nobody, { ...newBatch, inputFileId }, 86_400_000);
  };
  const fileText = async (id: string | null | undefined): Promise<string> =>
    id == null ? "" : (await Readable.from(files.content(id, null)).toArray()).join("");
  const run = (batch: Batch, signal = never) => work.run({ batchId: batch.id }, contextWith(signal));
  const end = (batch: Batch) => work.ending?.({ id: batch.id, payload: { batchId: batch.id }, createdAt: "" });
  return { store, files, begin, run, end, fileText };
}

describe("a batch", () => {
  it("answers every line, good ones and bad ones into files of their own", async () => {
    const { begin, run, store, fileText } = roomWith({
      prepare: prepareWith(async (text) =>
        text === "bad" ? { statusCode: 400, body: { error: { code: "empty_message" } } } : await ok(text),
      ),
    });
    const batch = await begin(requestFile(["bir", "bad", "üç"]));
    expect(await run(batch)).toEqual({ total: 3, completed: 2, failed: 1 });
    const ended = await store.load(batch.id);
    expect(ended).toMatchObject({ status: "completed", total: 3, completed: 2, failed: 1 });
    expect(ended?.times).toMatchObject({ validating: expect.any(Number), in_progress: expect.any(Number) });
    const good = answersIn(await fileText(ended?.outputFileId));
    expect(Object.keys(good)).toEqual(["r1", "r3"]);
    expect(good["r3"]).toMatchObject({ response: { status_code: 200, body: { text: "üç" } }, error: null });
    const bad = answersIn(await fileText(ended?.errorFileId));
    expect(bad).toMatchObject({ r2: { response: { status_code: 400 }, error: null } });
  });

  it("writes no file where there is nothing to write", async () => {
    const { begin, run, store } = roomWith();
    const batch = await begin(requestFile(["bir"]));
    await run(batch);
    const ended = await store.load(batch.id);
    expect(ended?.outputFileId).not.toBeNull();
    expect(ended?.errorFileId).toBeNull();
  });

  it("fails, and says which lines are wrong, when its file cannot be used", async () => {
    const { begin, run, store } = roomWith({ prepare: prepareWith(() => Promise.reject(new Error("asked"))) });
    const batch = await begin(`${requestFile(["bir"])}\nno json\n`);
    await run(batch);
    const ended = await store.load(batch.id);
    expect(ended?.status).toBe("failed");
    expect(ended?.errors).toMatchObject([{ code: "invalid_json_line", line: 2 }]);
  });

  it("answers lines of one adapter after each other", async () => {
    const order: string[] = [];
    const { begin, run } = roomWith({
      prepare: prepareWith(async (text) => {
        order.push(text);
        return await ok(text);
      }),
    });
    await run(await begin(requestFile(["legal 1", "energy 1", "legal 2", "energy 2", "legal 3"])));
    expect(order).toEqual(["energy 1", "energy 2", "legal 1", "legal 2", "legal 3"]);
  });

  it("keeps as many lines under way as it may, and no more", async () => {
    let underWay = 0;
    let most = 0;
    const { begin, run } = roomWith({
      concurrency: 3,
      prepare: prepareWith(async (text) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        return await ok(text);
      }),
    });
    await run(await begin(requestFile(Array.from({ length: 12 }, (_, at) => `a ${at}`))));
    expect(most).toBe(3);
  });

  it("goes on where a process before it stopped, and answers no line twice", async () => {
    const asked: string[] = [];
    const killed = new AbortController();
    const dies = roomWith({
      prepare: prepareWith(async (text) => {
        asked.push(text);
        if (asked.length === 3) killed.abort(new Error("killed"));
        killed.signal.throwIfAborted();
        return await ok(text);
      }),
    });
    const batch = await dies.begin(requestFile(["a 1", "a 2", "a 3", "a 4"]));
    await expect(dies.run(batch, killed.signal)).rejects.toThrow("killed");
    expect(await dies.store.load(batch.id)).toMatchObject({ status: "in_progress", completed: 2 });

    const again: string[] = [];
    const next = roomWith({
      prepare: prepareWith(async (text) => {
        again.push(text);
        return await ok(text);
      }),
    });
    await next.run(batch);
    expect(again).toEqual(["a 3", "a 4"]);
    const ended = await next.store.load(batch.id);
    expect(ended).toMatchObject({ status: "completed", completed: 4, failed: 0 });
    expect(Object.keys(answersIn(await next.fileText(ended?.outputFileId)))).toHaveLength(4);
  });

  it("counts a line once, though two processes answered it", async () => {
    const { begin, store } = roomWith();
    const batch = await begin(requestFile(["a"]));
    await store.begin(batch.id, 1);
    await store.answer(batch.id, { line: 1, content: "first\n" }, true);
    await store.answer(batch.id, { line: 1, content: "second\n" }, false);
    expect(await store.load(batch.id)).toMatchObject({ completed: 1, failed: 0 });
  });

  it("keeps what was answered when it is cancelled", async () => {
    const cancelled = new AbortController();
    const { begin, run, end, store, fileText } = roomWith({
      prepare: prepareWith(async (text) => {
        if (text === "a 2") cancelled.abort(new Error("cancelled"));
        cancelled.signal.throwIfAborted();
        return await ok(text);
      }),
    });
    const batch = await begin(requestFile(["a 1", "a 2", "a 3"]));
    const running = run(batch, cancelled.signal);
    await expect(running).rejects.toThrow("cancelled");
    await store.move(batch.id, ["in_progress"], "cancelling");
    await end(batch);
    const ended = await store.load(batch.id);
    expect(ended).toMatchObject({ status: "cancelled", completed: 1, errorFileId: null });
    expect(Object.keys(answersIn(await fileText(ended?.outputFileId)))).toEqual(["r1"]);
  });

  it("says of every line there was no time for that the batch has expired", async () => {
    const { begin, end, store, fileText } = roomWith();
    const batch = await begin(requestFile(["a 1", "a 2", "a 3"]));
    await store.begin(batch.id, 3);
    await store.answer(batch.id, { line: 2, content: '{"custom_id":"r2"}\n' }, true);
    nowMs += 86_400_000;
    await end(batch);
    const ended = await store.load(batch.id);
    expect(ended).toMatchObject({ status: "expired", completed: 1, failed: 2 });
    const rest = answersIn(await fileText(ended?.errorFileId));
    expect(rest).toMatchObject({ r1: { response: null, error: { code: "batch_expired" } }, r3: { response: null } });
  });

  it("expires whatever its lines hold", async () => {
    const { begin, end, store, fileText } = roomWith();
    const odd = JSON.stringify({ custom_id: "\0 \ud800", method: "POST", url: newBatch.endpoint, body: { a: "\0" } });
    const batch = await begin(`${odd}\n \t\r\n`);
    await store.begin(batch.id, 1);
    nowMs += 86_400_000;
    await end(batch);
    const ended = await store.load(batch.id);
    expect(ended).toMatchObject({ status: "expired", failed: 1 });
    expect(Object.keys(answersIn(await fileText(ended?.errorFileId)))).toEqual(["\0 \ud800"]);
  });

  it("has failed when its job ends without having ended it", async () => {
    const { begin, end, store } = roomWith();
    const batch = await begin(requestFile(["a"]));
    await end(batch);
    expect(await store.load(batch.id)).toMatchObject({ status: "failed", errors: [{ code: "batch_failed" }] });
  });

  it("asks again while the engine is away, and gives the line up in the end", async () => {
    let asked = 0;
    const { begin, run, store } = roomWith({
      prepare: prepareWith(async () => {
        asked++;
        return { statusCode: 503, body: {}, retryAfterS: 0.001 };
      }),
    });
    const batch = await begin(requestFile(["a"]));
    await run(batch);
    expect(asked).toBe(6);
    expect(await store.load(batch.id)).toMatchObject({ status: "completed", failed: 1 });
  });

  it("lets people go first while they wait for the engine", async () => {
    let busy = 2;
    const asked: number[] = [];
    const { begin, run } = roomWith({
      isBusy: async () => busy-- > 0,
      prepare: prepareWith(async (text) => {
        asked.push(busy);
        return await ok(text);
      }),
    });
    await run(await begin(requestFile(["a"])));
    expect(asked).toEqual([-1]);
  });

  it("lets another key's batch go first when its time is up, and goes on with the lines that are left", async () => {
    const asked: string[] = [];
    const { begin, run, store } = roomWith({
      sliceMs: 0,
      prepare: prepareWith(async (text) => {
        asked.push(text);
        return await ok(text);
      }),
    });
    const mine = await begin(`${requestFile(["a 1", "a 2", "a 3"])}\n\n`);
    const theirs = await store.insert(
      newId(),
      { ...nobody, keyId: "theirs" },
      { ...newBatch, inputFileId: mine.inputFileId },
      86_400_000,
    );
    expect([mine.turn, theirs.turn]).toEqual([1, 1]);
    await expect(run(mine)).rejects.toMatchObject({ name: "JobSetAside", turn: 2 });
    expect(await store.load(mine.id)).toMatchObject({ status: "in_progress", completed: 1, turn: 2 });
    await store.end(theirs.id, "cancelled");
    expect(await run(mine)).toEqual({ total: 3, completed: 3, failed: 0 });
    expect(asked).toEqual(["a 1", "a 2", "a 3"]);
  });

  it("steps back by as many turns as its key has batches, and begins where the others are", async () => {
    const { begin, store } = roomWith();
    const batches = [await begin(requestFile(["a"])), await begin(requestFile(["a"])), await begin(requestFile(["a"]))];
    expect(batches.map(({ turn }) => turn)).toEqual([1, 2, 3]);
    const [first, second] = batches.map(({ id }) => id);
    expect(await store.giveWay(first ?? "")).toBeUndefined();
    const other = { ...nobody, keyId: "other" };
    const input = { ...newBatch, inputFileId: batches[0]?.inputFileId ?? "" };
    const late = await store.insert(newId(), other, input, 86_400_000);
    expect(late.turn).toBe(1);
    expect(await store.giveWay(first ?? "")).toBe(4);
    expect(await store.giveWay(late.id)).toBe(2);
    expect(await store.giveWay(second ?? "")).toBe(5);
    expect((await store.insert(newId(), { ...nobody, keyId: "third" }, input, 86_400_000)).turn).toBe(2);
  });

  it("counts a key's lines of 24 hours: those asked for, or those that were answered before it ended early", async () => {
    const { begin, store } = roomWith();
    const bounds = { unended: 10, linesADay: 5 };
    const first = await begin(requestFile(["a", "b", "c"]));
    const again = () => store.insert(newId(), nobody, { ...newBatch, inputFileId: first.inputFileId }, 60_000, bounds);
    await expect(again()).rejects.toMatchObject({ code: "too_many_batch_lines", retryAfterS: 86_400 });
    nowMs += 86_399_000;
    await expect(again()).rejects.toMatchObject({ code: "too_many_batch_lines", retryAfterS: 1 });
    await store.begin(first.id, 3);
    await store.answer(first.id, { line: 1, content: "{}\n" }, true);
    await store.end(first.id, "cancelled");
    await again();
    nowMs += 1000;
    await expect(again()).rejects.toMatchObject({ retryAfterS: 86_399 });
  });

  it("is worked on window by window, so that any number of lines fits into memory", async () => {
    const { begin, run, store } = roomWith({ concurrency: 4 });
    const batch = await begin(
      requestFile(Array.from({ length: 2100 }, (_, at) => `${at % 2 === 0 ? "b" : "a"} ${at}`)),
    );
    const window = await store.unanswered(batch, 0);
    expect(window).toHaveLength(1000);
    await run(batch);
    expect(await store.load(batch.id)).toMatchObject({ status: "completed", total: 2100, completed: 2100 });
  });
});
