/**
 * Adds up vitest's JSON reports: one line a suite, then `N passed, N failed`. Ends with status 1 when a test failed, was skipped or is still to
 * do, when a file could not be loaded, or when a report is missing or empty: a suite that did not run has not passed.
 *
 *   node --import tsx scripts/ci-summary.ts report.json …
 */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";

interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests?: number;
  readonly numTodoTests?: number;
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

let passed = 0;
let failed = 0;
const complaints: string[] = [];

for (const path of process.argv.slice(2)) {
  const suite = basename(path, ".json");
  if (!existsSync(path)) {
    complaints.push(`${suite}: there is no report; the suite did not run to its end`);
    failed++;
    continue;
  }
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  const { numTotalTests, numPassedTests, numFailedTests, numPendingTests = 0, numTodoTests = 0 } = report;
  const results = report.testResults ?? [];
  const unloadable = results.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  passed += numPassedTests;
  failed += numFailedTests + unloadable.length;
  console.log(`${suite}: ${numPassedTests} passed, ${numFailedTests + unloadable.length} failed`);

  if (numTotalTests === 0) complaints.push(`${suite}: it holds no test`);
  for (const file of unloadable) complaints.push(`${suite}: ${basename(file.name)} could not be loaded`);
  if (numPendingTests + numTodoTests > 0) {
    const left = results
      .flatMap((file) => file.assertionResults)
      .filter(({ status }) => !/^(passed|failed)$/.test(status));
    complaints.push(`${suite}: ${numPendingTests} skipped, ${numTodoTests} to do`);
    for (const { status, fullName } of left) complaints.push(`  ${status}: ${fullName}`);
  } else if (numPassedTests + numFailedTests !== numTotalTests) {
    complaints.push(`${suite}: ${numTotalTests - numPassedTests - numFailedTests} tests neither passed nor failed`);
  }
}
if (process.argv.length < 3) complaints.push("no report was named");
for (const complaint of complaints) console.log(complaint);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || complaints.length > 0 ? 1 : 0;
