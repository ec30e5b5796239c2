/**
 * Measures router, answers, perplexity and speed beside what was promised; writes report.md, report.html and report.json. The last line of
 * standard output is one JSON object with every figure. What the figures mean: docs/eval/README.md.
 *
 *   npm run eval -- [--only router,answers,perplexity,speed] [--router FILE…] [--answers FILE] [--out DIR] [--limit N] [--gate]
 */
import { join } from "node:path";
import { PlatformError } from "../services/foundation/index.ts";
import { EvalInputError } from "./eval/input-error.ts";
import { parseEvalOptions } from "./eval/options.ts";
import { createProgress } from "./eval/progress.ts";
import { goalsOf, summaryLine, terminalText } from "./eval/report/summary.ts";
import { writeReport } from "./eval/report/write-report.ts";
import { runEvaluation } from "./eval/run-evaluation.ts";

const options = parseEvalOptions(process.argv);
// Stopped by a signal, the part at work ends its server, and no report is written.
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  const report = await runEvaluation(options, createProgress(), stop.signal);
  if (!stop.signal.aborted) {
    writeReport(report, options.out);
    console.log(terminalText(report));
    console.log(`Report: ${join(options.out, "report.html")}`);
  }
  console.log(summaryLine(report, options.out));
  if (report.failed.length > 0 || (options.gate && goalsOf(report).missed.length > 0)) process.exitCode = 1;
} catch (failure) {
  // What the caller can mend is said in one sentence; anything else is a fault of ours and keeps its trace.
  if (!(failure instanceof EvalInputError || failure instanceof PlatformError)) throw failure;
  console.error(failure.message);
  process.exitCode = 1;
}
