import { createPrepareLine } from "../../http/batch-lines.ts";
import type { Engine } from "../../inference/index.ts";
import type { JobHandlers, Jobs } from "../../jobs/index.ts";
import type { GatewayMetrics, Tracing } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";
import { createRunJob } from "../../serverless/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";
import { tracedRunJob } from "../observing/trace-jobs.ts";
import { batchWork } from "../open/open-batches.ts";
import type { openTurns } from "../open/open-turns.ts";
import { serverlessWork } from "./serverless-work.ts";

export interface TurnHandlersParts {
  readonly settings: Settings;
  readonly turns: ReturnType<typeof openTurns>;
  readonly engine: Engine;
  readonly database: Database;
  readonly jobs: Jobs;
  readonly requests: RequestLog;
  readonly metrics: GatewayMetrics;
  readonly tracing: Tracing | undefined;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
}

/** The jobs that are turns: serverless runs with their webhooks, and batches. */
export function turnHandlers({ settings, turns, engine, database, jobs, tracing, ...common }: TurnHandlersParts) {
  const runJob = createRunJob({ ...common, takeTurn: turns.takeTurn, endpoint: "/v2/:endpoint/run" });
  const { replyTimeoutMs } = settings.http;
  const prepare = createPrepareLine({ ...common, ...turns, engine, replyTimeoutMs });
  return {
    ...serverlessWork(settings, jobs, tracedRunJob(runJob, tracing)),
    ...batchWork(settings, { database, adapters: turns.adapters, prepare }),
  } satisfies JobHandlers;
}
