import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { OpenedHandler } from "../../cli/index.ts";
import { withTimeout } from "../../foundation/index.ts";
import { createLogger } from "../../observability/index.ts";
import { runFailure } from "../../serverless/index.ts";
import { loadSettings } from "../../settings/index.ts";
import { composeRunJob } from "../handlers/compose-run-job.ts";

/** The worker's handler, for as long as one command takes. It logs nothing: standard output is for what the handler answers. */
export async function openHandler(environment: Readonly<Record<string, string | undefined>>): Promise<OpenedHandler> {
  const settings = loadSettings(resolve("configs"), environment);
  const { runJob, disposal } = await composeRunJob({
    settings,
    logger: createLogger("sektor-handler", "silent"),
    environment: { ...environment, SEKTOR_LOG_LEVEL: "silent" },
    endpoint: "handler-test",
    keepRows: false,
  });
  return {
    coldStartMs: performance.now(),
    run: async (input, signal) => {
      try {
        return await runJob({ id: randomUUID(), input }, withTimeout(settings.worker.jobTimeoutMs, signal));
      } catch (thrown) {
        signal.throwIfAborted();
        return runFailure(thrown);
      }
    },
    [Symbol.asyncDispose]: () => disposal.close(),
  };
}
