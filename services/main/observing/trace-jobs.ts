import { carrySpan } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import type { Tracing } from "../../observability/index.ts";
import type { RunJob } from "../../serverless/index.ts";

/** The same runs, each a trace of its own: whoever asked for it does not wait in the queue. */
export function tracedRunJob(runJob: RunJob, tracing: Tracing | undefined): RunJob {
  if (tracing === undefined) return runJob;
  return async (call, signal) => {
    const span = tracing.begin({ name: "serverless-run" });
    carrySpan(span, signal);
    try {
      const output = await runJob(call, signal);
      span.note({ "sektor.sector": output.sector ?? "none" });
      span.end();
      return output;
    } catch (thrown) {
      span.end(asPlatformError(thrown).code);
      throw thrown;
    }
  };
}
