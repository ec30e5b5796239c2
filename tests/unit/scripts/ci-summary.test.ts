import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function summarise(reports: Readonly<Record<string, object>>, ...missing: readonly string[]) {
  for (const [name, report] of Object.entries(reports)) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(report));
  }
  const paths = [...Object.keys(reports), ...missing].map((name) => join(folder, `${name}.json`));
  const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", "scripts/ci-summary.ts", ...paths], {
    encoding: "utf8",
  });
  return { status, last: stdout.trimEnd().split("\n").at(-1), stdout };
}

const good = { numTotalTests: 3, numPassedTests: 3, numFailedTests: 0, testResults: [] };

describe("the summary of a CI run", () => {
  it("adds the suites up on its last line", () => {
    expect(summarise({ test: good, browser: good })).toMatchObject({ status: 0, last: "6 passed, 0 failed" });
  });

  it("fails where a test failed", () => {
    const bad = { ...good, numPassedTests: 2, numFailedTests: 1 };
    expect(summarise({ test: good, browser: bad })).toMatchObject({ status: 1, last: "5 passed, 1 failed" });
  });

  it("fails where a test was skipped, and names it", () => {
    const skipped = {
      ...good,
      numTotalTests: 4,
      numPendingTests: 1,
      testResults: [
        { name: "a.test.ts", status: "passed", assertionResults: [{ status: "skipped", fullName: "b c" }] },
      ],
    };
    const { status, stdout } = summarise({ test: skipped });
    expect(status).toBe(1);
    expect(stdout).toContain("skipped: b c");
  });

  it("fails where a test is still to do", () => {
    expect(summarise({ test: { ...good, numTotalTests: 4, numTodoTests: 1 } }).status).toBe(1);
  });

  it("fails where a file could not be loaded, though none of its tests failed", () => {
    const broken = { ...good, testResults: [{ name: "a.test.ts", status: "failed", assertionResults: [] }] };
    expect(summarise({ test: broken })).toMatchObject({ status: 1, last: "3 passed, 1 failed" });
  });

  it("fails where a suite is empty or left no report", () => {
    expect(summarise({ test: { ...good, numTotalTests: 0, numPassedTests: 0 } }).status).toBe(1);
    expect(summarise({ test: good }, "browser")).toMatchObject({ status: 1, last: "3 passed, 1 failed" });
  });
});
