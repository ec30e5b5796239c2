import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FeedbackStore } from "../../feedback/index.ts";
import { evaluationWork } from "../../jobs/handlers/evaluation.ts";
import { feedbackExportWork } from "../../jobs/handlers/feedback-export.ts";
import { feedbackReportWork } from "../../jobs/handlers/feedback-report.ts";
import type { JobHandlers, JobOutputs } from "../../jobs/index.ts";

/** The platform's own jobs: reports, exports, evaluations. */
export function platformHandlers(feedback: FeedbackStore, outputs: JobOutputs) {
  const script = fileURLToPath(new URL("../../../scripts/eval.ts", import.meta.url));
  // The report itself is nobody's: what is kept are the figures of its last line.
  const out = join(tmpdir(), `sektor-evaluation-${process.pid}`);
  const args = ["--import", import.meta.resolve("tsx"), script, "--only", "router", "--out", out];
  return {
    "feedback-report": feedbackReportWork(feedback),
    "feedback-export": feedbackExportWork(feedback, outputs),
    evaluation: evaluationWork({ command: process.execPath, args }),
  } satisfies JobHandlers;
}
