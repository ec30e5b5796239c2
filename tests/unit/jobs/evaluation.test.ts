import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { EvaluationFailedError, evaluationWork } from "../../../services/jobs/handlers/evaluation.ts";
import type { JobContext } from "../../../services/jobs/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-evaluation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, signal = new AbortController().signal) {
  const context: JobContext = {
    id: "evaluation.a",
    attempt: 1,
    createdAt: "2026-01-01T00:00:00.000Z",
    signal,
    progress: () => undefined,
    emit: async () => undefined,
  };
  return evaluationWork({ command: process.execPath, args: ["-e", program], endMs: 50 }).run({}, context);
}

it("keeps what the evaluation says last", async () => {
  const said = "console.log('measuring…'); console.log(JSON.stringify({ ok: true, router: { accuracy: 0.9 } }))";
  expect(await run(said)).toEqual({ summary: { ok: true, router: { accuracy: 0.9 } } });
});

it.each([
  ["that ends with a fault", "console.log('{}'); process.exit(3)"],
  ["that says no summary", "console.log('measuring…')"],
  ["that says something else", "console.log('[1]')"],
  ["that says nothing", ""],
])("takes no result from an evaluation %s", async (_what, program) => {
  await expect(run(program)).rejects.toThrow(EvaluationFailedError);
});

it("ends the process when the job has to end, one that does not listen too", async () => {
  const file = join(folder, "pid");
  const stubborn = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid));
    process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`;
  const abort = new AbortController();
  const running = run(stubborn, abort.signal);
  const pid = await vi.waitFor(() => Number(readFileSync(file, "utf8")), 10_000);
  expect(pid).toBeGreaterThan(0);
  abort.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});
