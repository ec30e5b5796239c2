import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedQueues } from "../../../services/jobs/embedded/open-embedded-queues.ts";
import type { NotifyingDatabase } from "../../../services/storage/index.ts";
import { describeJobs } from "../../conformance/jobs.conformance.ts";
import { jobsOver, openTestDatabase, openTestQueues, startTestWorkers } from "../../support/jobs.ts";

const patienceMs = 20_000;
const call = { jobId: "serverless-run.a", url: "https://example.org/" };
let database: NotifyingDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describeJobs("jobs in the embedded database", () => openTestQueues(database));

describe("the embedded queue", () => {
  /** As a process leaves a job that is killed in the middle of it, this often before. */
  async function leaveRunning(stalls: number): Promise<string> {
    await using backend = await openTestQueues(database);
    const id = await jobsOver(backend).add("webhook", call);
    const lockedUntilMs = Date.now() + 600_000;
    await database.query(
      "update bullmq.job set state = 'active', attempts_started = $1, stalled_count = $1, lock_token = 'gone', locked_until_ms = $2",
      [stalls, lockedUntilMs],
    );
    return id;
  }

  it("does at its start what a killed process left, without waiting for that one's locks to run out", async () => {
    const id = await leaveRunning(1);
    await using backend = await openEmbeddedQueues(database);
    await using _workers = startTestWorkers(backend, { webhook: { run: async () => ({ status: 200 }) } });
    expect(await jobsOver(backend).waitFor(id, patienceMs)).toMatchObject({ state: "completed", attempts: 2 });
  });

  it("makes a dead letter of a job that was in the middle whenever its process died, and says that it ended", async () => {
    const id = await leaveRunning(2);
    await using backend = await openEmbeddedQueues(database);
    const ended: string[] = [];
    await using _workers = startTestWorkers(backend, {
      webhook: {
        run: async () => ({ status: 200 }),
        ending: async (job) => {
          ended.push(job.id);
        },
      },
    });
    const job = await jobsOver(backend).waitFor(id, patienceMs);
    expect(job).toMatchObject({ state: "failed", error: { code: "job_stalled" } });
    expect(ended).toEqual([id]);
  });

  it("has no table that stands in the way of one of ours", async () => {
    const { rows } = await database.query<{ name: string }>(
      `select ours.table_name as name from information_schema.tables ours join information_schema.tables theirs
         on theirs.table_name = ours.table_name and theirs.table_schema = 'bullmq' where ours.table_schema = 'public'`,
    );
    expect(rows).toEqual([]);
    await openEmbeddedQueues(database).then((backend) => backend[Symbol.asyncDispose]());
    const found = await database.query<{ schema: string }>(
      "select relnamespace::regnamespace::text as schema from pg_class where oid = 'job'::regclass",
    );
    expect(found.rows).toEqual([{ schema: "bullmq" }]);
  });
});
