import { describe, expect, it } from "vitest";
import { Disposal } from "../../../services/foundation/index.ts";
import { JobsNotConfiguredError } from "../../../services/jobs/index.ts";
import { worksInServe } from "../../../services/main/handlers/start-job-work.ts";
import { openJobs } from "../../../services/main/open/open-jobs.ts";
import { createLogger } from "../../../services/observability/index.ts";
import { loadSettings } from "../../../services/settings/index.ts";
import type { Database } from "../../../services/storage/index.ts";

const shared = {
  SEKTOR_JOBS: "redis",
  SEKTOR_STORAGE: "postgres",
  SEKTOR_POSTGRES_URL: "postgres://sektor@127.0.0.1/sektor",
  SEKTOR_ENGINE: "vllm",
  SEKTOR_ENGINE_URL: "http://127.0.0.1:8001",
};
const settingsOf = (environment: Readonly<Record<string, string>>) =>
  loadSettings("tests/support/no-such-folder", environment);
const without = (...names: (keyof typeof shared)[]) =>
  settingsOf(Object.fromEntries(Object.entries(shared).filter(([name]) => !names.includes(name as never))));

describe("a gateway", () => {
  it("leaves jobs to work processes where queue, database and engine are such that these can do them", () => {
    expect(worksInServe(settingsOf(shared))).toBe(false);
  });

  it("does them itself where any of the three is its own", () => {
    expect(worksInServe(settingsOf({}))).toBe(true);
    expect(worksInServe(without("SEKTOR_JOBS"))).toBe(true);
    expect(worksInServe(without("SEKTOR_STORAGE"))).toBe(true);
    expect(worksInServe(without("SEKTOR_ENGINE"))).toBe(true);
  });

  it("does as it is told", () => {
    expect(worksInServe(settingsOf({ ...shared, SEKTOR_EMBEDDED_WORKER: "on" }))).toBe(true);
    expect(worksInServe(settingsOf({ SEKTOR_EMBEDDED_WORKER: "off" }))).toBe(false);
  });

  it("starts with Postgres and without Redis, and says of every job how it could be had", async () => {
    const server = {} as Database;
    const disposal = new Disposal();
    const { jobs, queues, countJobs } = await openJobs(
      without("SEKTOR_JOBS"),
      server,
      createLogger("test", "silent"),
      disposal,
    );
    expect(queues).toBeUndefined();
    expect(await countJobs()).toEqual([]);
    await expect(jobs.add("evaluation", {})).rejects.toThrow(JobsNotConfiguredError);
    await expect(jobs.list({ name: "evaluation", group: "failed" })).rejects.toThrow(JobsNotConfiguredError);
    await disposal.close();
  });
});
