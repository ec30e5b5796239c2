import type { InferenceSession } from "onnxruntime-node";

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // Errors only: warnings about a graph help nobody at run time.
    logSeverityLevel: 3,
    // Threads of the runtime spin while they wait, which takes the cores from everybody else.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}
