import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabaseBatchFiles } from "../../../services/batch/database-batch-files.ts";
import { createDatabaseBatchStore } from "../../../services/batch/database-batch-store.ts";
import { tidyBatches } from "../../../services/batch/tidy-batches.ts";
import type { AddOptions, Job, JobName, Jobs, PayloadOf } from "../../../services/jobs/index.ts";
import type { Database } from "../../../services/storage/index.ts";
import { openTestDatabase } from "../../support/jobs.ts";
import { newBatch, nobody, pieceOf, requestFile } from "./batch-parts.ts";

const dayMs = 86_400_000;
const never = new AbortController().signal;
let database: Database & AsyncDisposable;
let nowMs = 0;
let ids = 0;
const newId = () => `id-${++ids}`;

beforeAll(async () => {
  database = await openTestDatabase();
}, 120_000);
afterAll(() => database?.[Symbol.asyncDispose]());
beforeEach(async () => {
  nowMs = Date.parse("2026-01-01T00:00:00Z");
  await database.query("truncate batch_files, batch_lines, batches");
});

/** A queue that knows what it is told. */
function scriptedJobs(known: Readonly<Record<string, Partial<Job>>> = {}) {
  const added: { readonly id: string | undefined; readonly payload: unknown }[] = [];
  const jobs: Pick<Jobs, "add" | "get"> = {
    get: async (id) => known[id] as Job | undefined,
    add: async <Name extends JobName>(_name: Name, payload: PayloadOf<Name>, { id }: AddOptions = {}) => {
      added.push({ id, payload });
      return `batch.${id}`;
    },
  };
  return { jobs, added };
}

function room() {
  const common = { newId, nowMs: () => nowMs, keepFilesDays: 30 };
  const limits = { maxLines: 100, maxFileBytes: 10_000, maxFilesPerKey: 100 };
  const store = createDatabaseBatchStore(database, common);
  const files = createDatabaseBatchFiles(database, { ...common, ...limits });
  const upload = async () => {
    const id = await files.receive(null, pieceOf(requestFile(["a"])));
    return await files.keep(id, { filename: "in.jsonl" });
  };
  const begin = async () =>
    await store.insert(newId(), nobody, { ...newBatch, inputFileId: (await upload()).id }, dayMs);
  const tidy = (jobs: Pick<Jobs, "add" | "get">) => tidyBatches({ database, store, jobs, nowMs: () => nowMs }, never);
  const lines = async () => (await database.query("select 1 from batch_lines")).rowCount;
  return { store, files, upload, begin, tidy, lines };
}

describe("tidying", () => {
  it("queues a batch again whose job was lost", async () => {
    const { begin, tidy, store } = room();
    const batch = await begin();
    const { jobs, added } = scriptedJobs();
    await tidy(jobs);
    expect(added).toEqual([{ id: batch.id, payload: { batchId: batch.id } }]);
    expect((await store.load(batch.id))?.status).toBe("validating");
  });

  it("leaves a batch alone that is waited for or worked on", async () => {
    const { begin, tidy, store } = room();
    const batch = await begin();
    const { jobs, added } = scriptedJobs({ [`batch.${batch.id}`]: { endedAt: null } });
    await tidy(jobs);
    expect(added).toEqual([]);
    expect((await store.load(batch.id))?.status).toBe("validating");
  });

  it("ends a batch whose job has ended without it", async () => {
    const { begin, tidy, store } = room();
    const [broken, cancelled] = [await begin(), await begin()];
    await store.move(cancelled.id, ["validating"], "cancelling");
    const ended = { endedAt: "2026-01-01T00:00:00Z" };
    const { jobs } = scriptedJobs({ [`batch.${broken.id}`]: ended, [`batch.${cancelled.id}`]: ended });
    await tidy(jobs);
    expect((await store.load(broken.id))?.status).toBe("failed");
    expect((await store.load(cancelled.id))?.status).toBe("cancelled");
  });

  it("lets a batch expire that nobody worked on for a day", async () => {
    const { begin, tidy, store } = room();
    const batch = await begin();
    nowMs += dayMs;
    const { jobs, added } = scriptedJobs();
    await tidy(jobs);
    expect(added).toEqual([]);
    expect((await store.load(batch.id))?.status).toBe("expired");
  });

  it("forgets a file with its lines when its time is over", async () => {
    const { upload, files, tidy, lines } = room();
    const { id } = await upload();
    nowMs += 30 * dayMs - 1;
    await tidy(scriptedJobs().jobs);
    expect((await files.get(id, null)).id).toBe(id);
    nowMs += 2;
    await tidy(scriptedJobs().jobs);
    await expect(files.get(id, null)).rejects.toMatchObject({ code: "file_not_found" });
    expect(await lines()).toBe(0);
  });

  it("forgets an upload that was never complete, after an hour", async () => {
    const { files, tidy, lines } = room();
    await files.receive(null, pieceOf("{}\n"));
    await tidy(scriptedJobs().jobs);
    expect(await lines()).toBe(1);
    nowMs += 3_600_001;
    await tidy(scriptedJobs().jobs);
    expect(await lines()).toBe(0);
  });

  it("keeps a file a batch works on", async () => {
    const { begin, files, tidy } = room();
    const batch = await begin();
    await database.query("update batch_files set expires_at = '2025-01-01'");
    await tidy(scriptedJobs({ [`batch.${batch.id}`]: { endedAt: null } }).jobs);
    const { rowCount } = await database.query("select 1 from batch_files where id = $1", [batch.inputFileId]);
    expect(rowCount).toBe(1);
    await expect(files.get(batch.inputFileId, null)).rejects.toMatchObject({ code: "file_not_found" });
  });
});
