import { expect, it, vi } from "vitest";
import { ChunkWriter } from "../../../services/jobs/bullmq/chunk-writer.ts";
import { createMemoryNews } from "../../../services/jobs/embedded/memory-news.ts";
import type { JobNotes } from "../../../services/jobs/job-notes.ts";
import { deferred } from "../../support/deferred.ts";

type Append = JobNotes["append"];

function writerOver(append: Append, run = 1) {
  const abort = new AbortController();
  const begin = vi.fn<JobNotes["begin"]>(async () => undefined);
  const notes = { append, begin } as unknown as JobNotes;
  const onSuperseded = vi.fn(() => abort.abort(new Error("superseded")));
  const attempt = { id: "webhook.a", run, signal: abort.signal, onSuperseded };
  return { writer: new ChunkWriter({ notes, news: createMemoryNews() }, attempt), abort, begin, onSuperseded };
}

it("writes what comes while a write is under way together, in order", async () => {
  const first = deferred();
  const append = vi.fn<Append>(async () => {
    await first.promise;
    return true;
  });
  const { writer } = writerOver(append);
  for (const word of ["a", "b", "c"]) await writer.emit(word);
  first.resolve();
  await writer.flush();
  expect(append.mock.calls).toEqual([
    ["webhook.a", 1, 1, ["a"]],
    ["webhook.a", 1, 2, ["b", "c"]],
  ]);
});

it("writes again what the store did not take, without losing or doubling anything", async () => {
  let isAway = true;
  const kept: unknown[] = [];
  const { writer } = writerOver(async (_id, _run, first, chunks) => {
    if (isAway) {
      isAway = false;
      throw new Error("away");
    }
    kept.push([first, ...chunks]);
    return true;
  });
  await writer.emit("a");
  await writer.emit("b");
  await writer.flush();
  expect(kept.flat()).toEqual([1, "a", "b"]);
});

it("makes who says much wait for the store", async () => {
  const room = deferred();
  const { writer } = writerOver(async () => {
    await room.promise;
    return true;
  });
  let said = 0;
  const saying = (async () => {
    for (let n = 0; n < 1000; n++) {
      await writer.emit(n);
      said += 1;
    }
  })();
  await vi.waitFor(() => expect(said).toBe(255));
  room.resolve();
  await saying;
  expect(said).toBe(1000);
});

it("voids what an earlier attempt said before the first word of a later one, and only then", async () => {
  const { writer, begin } = writerOver(async () => true, 2);
  expect(begin).not.toHaveBeenCalled();
  await writer.emit("a");
  await writer.flush();
  await writer.emit("b");
  await writer.flush();
  expect(begin.mock.calls).toEqual([["webhook.a", 2]]);
});

it("ends an attempt when a later one has begun", async () => {
  const { writer, onSuperseded } = writerOver(async () => false);
  await writer.emit("a");
  await writer.flush();
  expect(onSuperseded).toHaveBeenCalledOnce();
  await expect(writer.emit("b")).rejects.toThrow("superseded");
});

it("stops writing when the attempt is over, although the store is away", async () => {
  const { writer, abort } = writerOver(async () => {
    throw new Error("away");
  });
  await writer.emit("a");
  abort.abort(new Error("over"));
  await writer.flush();
  await expect(writer.emit("b")).rejects.toThrow("over");
});

it("refuses output without end", async () => {
  const { writer } = writerOver(async () => true);
  const talking = async () => {
    for (let n = 0; n < 200_000; n++) await writer.emit("");
  };
  await expect(talking()).rejects.toMatchObject({ code: "job_output_too_large" });
});
