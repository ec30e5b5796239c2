import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FeedbackReport, FeedbackStore, TrainingPair } from "../../../services/feedback/index.ts";
import type { QueueBackend } from "../../../services/jobs/bullmq/queue-backend.ts";
import { createDatabaseJobOutputs } from "../../../services/jobs/database-job-outputs.ts";
import { feedbackExportWork } from "../../../services/jobs/handlers/feedback-export.ts";
import { feedbackReportWork } from "../../../services/jobs/handlers/feedback-report.ts";
import type { JobHandlers, Jobs } from "../../../services/jobs/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import type { NotifyingDatabase } from "../../../services/storage/index.ts";
import { buildTestGateway, type GatewayOptions } from "../../support/gateway.ts";
import { jobsOver, openTestDatabase, openTestQueues, startTestWorkers } from "../../support/jobs.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

const patienceMs = 20_000;
const secret = "Kart numaram 1234";
const report: FeedbackReport = {
  generatedAt: "2026-01-05T06:00:00.000Z",
  since: null,
  until: null,
  total: { count: 1, mean: 4, low: null, high: null, histogram: [0, 0, 0, 1, 0] },
  sectors: [],
  adapters: [],
  issues: [],
  suggestions: [],
  weeks: [],
};
const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]) };

let database: NotifyingDatabase;
let backend: QueueBackend;
let jobs: Jobs;
let gateway: Awaited<ReturnType<typeof buildTestGateway>>;
const workers: AsyncDisposable[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
}, 120_000);
beforeEach(async () => {
  backend = await openTestQueues(database);
  jobs = jobsOver(backend);
  gateway = await buildTestGateway({ ...parts, jobs, jobOutputs: createDatabaseJobOutputs(database) });
});
afterEach(async () => {
  await gateway.app.close();
  for (const one of workers.splice(0)) await one[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** In the place of the one that was opened before. */
async function openGateway(more: Partial<GatewayOptions>): Promise<void> {
  await gateway.app.close();
  gateway = await buildTestGateway({ ...parts, jobs, jobOutputs: createDatabaseJobOutputs(database), ...more });
}

function work(handlers: JobHandlers): void {
  workers.push(startTestWorkers(backend, handlers));
}

async function ask(method: "GET" | "POST", url: string, body?: object) {
  const reply = await gateway.app.inject({ method, url, ...(body === undefined ? {} : { payload: body }) });
  return { status: reply.statusCode, text: reply.body, headers: reply.headers, json: () => JSON.parse(reply.body) };
}

async function startAndWait(name: string, payload: object = {}): Promise<string> {
  const started = await ask("POST", "/v1/jobs", { name, payload });
  expect(started).toMatchObject({ status: 202 });
  const { id } = started.json();
  await jobs.waitFor(id, patienceMs);
  return id;
}

describe("/v1/jobs", () => {
  it("is for administrators alone", async () => {
    const wanted = { name: "sohbet", scopes: ["chat"] as const, sectors: null, userId: null, expiresAt: null };
    const headers = { authorization: `Bearer ${(await gateway.apiKeys.create(wanted)).text}` };
    for (const [method, url] of [
      ["GET", "/v1/jobs"],
      ["GET", "/v1/jobs/evaluation.a"],
      ["POST", "/v1/jobs/evaluation.a/retry"],
      ["POST", "/v1/jobs/evaluation.a/cancel"],
      ["GET", "/v1/jobs/evaluation.a/output"],
    ] as const)
      expect((await gateway.app.inject({ method, url, headers })).statusCode, url).toBe(403);
    expect((await ask("GET", "/v1/jobs")).status).toBe(401);
  });

  it("lists dead letters with their error, never with what a user wrote", async () => {
    work({
      "serverless-run": {
        run: async () => {
          throw new Error(secret);
        },
      },
    });
    const payload = { endpoint: "sektor", keyId: "k", userId: "u", sectors: null, input: { prompt: secret } };
    const id = await jobs.add("serverless-run", payload, { attempts: 1 });
    await jobs.waitFor(id, patienceMs);
    for (const url of ["/v1/jobs", "/v1/jobs?name=serverless-run&state=failed&offset=0&limit=5", `/v1/jobs/${id}`]) {
      const { status, text } = await ask("GET", url);
      expect(status).toBe(200);
      expect(text).toContain(`"id":"${id}"`);
      expect(text).toContain('"code":"internal"');
      expect(text).toContain('"endpoint":"sektor"');
      expect(text).not.toContain(secret);
    }
    const { counts, total, startable } = (await ask("GET", "/v1/jobs")).json();
    expect([counts["serverless-run"].failed, total]).toEqual([1, 1]);
    expect(startable).toEqual(["feedback-report", "feedback-export", "evaluation"]);
  });

  it("does not show what a model answered a user", async () => {
    const answer = async () => ({
      response: secret,
      messages: [],
      status: "success" as const,
      sector: null,
      usage: {},
    });
    work({ "serverless-run": { run: answer } });
    const payload = { endpoint: "sektor", keyId: null, userId: null, sectors: null, input: { prompt: "Merhaba" } };
    const id = await jobs.add("serverless-run", payload);
    expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
    const { text } = await ask("GET", `/v1/jobs/${id}`);
    expect(text).toContain('"state":"completed"');
    expect(text).not.toContain(secret);
    expect(await ask("GET", `/v1/jobs/${id}/output`)).toMatchObject({ status: 404 });
  });

  it("gives a dead letter another chance", async () => {
    let isUp = false;
    work({
      "feedback-report": {
        run: async () => {
          if (!isUp) throw new Error("down");
          return { report: {} };
        },
      },
    });
    const id = await jobs.add("feedback-report", {}, { attempts: 1 });
    await jobs.waitFor(id, patienceMs);
    isUp = true;
    expect(await ask("POST", `/v1/jobs/${id}/retry`)).toMatchObject({ status: 202 });
    expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
    const again = await ask("POST", `/v1/jobs/${id}/retry`);
    expect([again.status, again.json().error.code]).toEqual([409, "job_not_retryable"]);
  });

  it("cancels what waits", async () => {
    const id = await jobs.add("evaluation", {});
    expect((await ask("POST", `/v1/jobs/${id}/cancel`)).json()).toMatchObject({ state: "cancelled" });
  });

  it("makes a report on demand, for as many days as are asked for, and gives it in three formats", async () => {
    const asked: unknown[] = [];
    const make = async (filter: unknown) => {
      asked.push(filter);
      return report;
    };
    const feedback = { report: make } as unknown as FeedbackStore;
    await openGateway({ feedback });
    work({ "feedback-report": feedbackReportWork(feedback) });
    const id = await startAndWait("feedback-report", { lastDays: 7 });
    const { since, until } = asked[0] as { since: string; until: string };
    expect(Date.parse(until) - Date.parse(since)).toBe(7 * 24 * 3_600_000);
    expect((await ask("GET", `/v1/jobs/${id}`)).json().result.report.total.count).toBe(1);
    expect((await ask("GET", `/v1/jobs/${id}/output`)).json().total.mean).toBe(4);
    expect((await ask("GET", `/v1/jobs/${id}/output?format=markdown`)).headers["content-type"]).toContain("markdown");
    expect((await ask("GET", `/v1/jobs/${id}/output?format=csv`)).headers["content-type"]).toContain("csv");
  });

  it("keeps of a report the figures alone, and asks for what people wrote whenever somebody reads it", async () => {
    const issues = [{ category: "slow", count: 2, examples: ["gizli sorun"] }];
    const suggestions = [{ text: "gizli öneri", count: 1 }];
    const asked: unknown[] = [];
    let isErased = false;
    const feedback = {
      report: async (filter: unknown) => {
        asked.push(filter);
        return { ...report, since: "2026-01-01T00:00:00Z", ...(isErased ? {} : { issues, suggestions }) };
      },
    } as unknown as FeedbackStore;
    await openGateway({ feedback });
    work({ "feedback-report": feedbackReportWork(feedback) });
    const id = await startAndWait("feedback-report", { since: "2026-01-01T00:00:00Z" });
    expect(JSON.stringify(await jobs.get(id))).not.toContain("gizli");
    expect((await jobs.get(id))?.result).toMatchObject({
      report: { total: { count: 1 }, issues: [{ category: "slow", count: 2, examples: [] }], suggestions: [] },
    });
    expect((await ask("GET", `/v1/jobs/${id}/output`)).json()).toMatchObject({ issues, suggestions });
    expect(asked.at(-1)).toEqual({ since: "2026-01-01T00:00:00Z", until: report.generatedAt });
    expect((await ask("GET", `/v1/jobs/${id}/output?format=markdown`)).text).toContain("gizli öneri");
    isErased = true;
    const { text } = await ask("GET", `/v1/jobs/${id}/output?format=markdown`);
    expect(text).toContain("**slow**: 2");
    expect(text).not.toContain("gizli");
  });

  it("exports training pairs, however often the job had to begin", async () => {
    const pairs = Array.from({ length: 3000 }, (_, n) => ({ n, text: "ğ".repeat(200) }) as unknown as TrainingPair);
    let tries = 0;
    const store = {
      async *trainingPairs() {
        tries += 1;
        for (const [n, pair] of pairs.entries()) {
          if (tries === 1 && n === 2500) throw new Error("once");
          yield pair;
        }
      },
    };
    work({ "feedback-export": feedbackExportWork(store, createDatabaseJobOutputs(database)) });
    const id = await jobs.add("feedback-export", {}, { backoffMs: 1 });
    const job = await jobs.waitFor(id, patienceMs);
    const { text, headers } = await ask("GET", `/v1/jobs/${id}/output`);
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(pairs);
    expect(job).toMatchObject({ attempts: 2, result: { pairs: 3000, bytes: Buffer.byteLength(text) } });
    expect(headers["content-disposition"]).toContain("attachment");
  });

  it.each([
    ["GET", "/v1/jobs/evaluation.nobody", undefined, 404, "job_not_found"],
    ["GET", "/v1/jobs/nonsense", undefined, 404, "job_not_found"],
    ["POST", "/v1/jobs/evaluation.nobody/retry", undefined, 404, "job_not_found"],
    ["POST", "/v1/jobs/evaluation.nobody/cancel", undefined, 404, "job_not_found"],
    ["POST", "/v1/jobs", { name: "serverless-run" }, 400, "invalid_request"],
    ["POST", "/v1/jobs", { name: "feedback-report", payload: { lastDays: 0 } }, 400, "job_malformed"],
    ["GET", "/v1/jobs?name=nothing", undefined, 400, "invalid_request"],
    ["GET", "/v1/jobs?limit=0", undefined, 400, "invalid_request"],
  ] as const)("refuses %s %s", async (method, url, body, status, code) => {
    const reply = await ask(method, url, body);
    expect([reply.status, reply.json().error.code]).toEqual([status, code]);
  });
});

it("says how jobs are had where there is no queue", async () => {
  const { app } = await buildTestGateway(parts);
  const reply = await app.inject("/v1/jobs");
  expect([reply.statusCode, reply.json().error.code]).toEqual([503, "jobs_not_configured"]);
  await app.close();
});

it("serves the page of jobs, and nothing beside it", async () => {
  expect((await ask("GET", "/jobs")).text).toContain("<h1>İşler</h1>");
  expect((await ask("GET", "/jobs/app.js")).headers["content-type"]).toContain("javascript");
  expect((await ask("GET", "/jobs/..%2Fstart%2Fapp.js")).status).toBe(404);
});
