import { Disposal } from "../../foundation/index.ts";
import { createGatewayMetrics, type GatewayMetrics, type ProcessLogger } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";
import { createRunJob, type RunJob } from "../../serverless/index.ts";
import { createMemorySessionStore } from "../../sessions/memory-session-store.ts";
import type { Settings } from "../../settings/index.ts";
import { tracedRunJob } from "../observing/trace-jobs.ts";
import { openDatabase } from "../open/open-database.ts";
import { openDomain } from "../open/open-domain.ts";
import { openEngineClient } from "../open/open-engine-client.ts";
import { openProcessTracing } from "../open/open-process-tracing.ts";
import { openRecords } from "../open/open-records.ts";
import { openTurns } from "../open/open-turns.ts";
import { startInfer } from "../supervision/start-infer.ts";

export interface ComposeRunJobOptions {
  readonly settings: Settings;
  readonly logger: ProcessLogger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What rows of the request log call the way in. */
  readonly endpoint: string;
  /** Whether jobs leave rows where a Postgres server keeps them. */
  readonly keepRows: boolean;
}

/** The gateway's turns without the gateway: an engine and what makes replies, for jobs that come some other way. */
export async function composeRunJob({ settings, logger, environment, endpoint, keepRows }: ComposeRunJobOptions) {
  const disposal = new Disposal();
  const nowMs = () => performance.now();
  const nowIso = () => new Date().toISOString();
  try {
    const metrics = createGatewayMetrics({
      process: "work",
      prices: settings.prices,
      limits: settings.observability,
    });
    const tracing = await openProcessTracing("sektor-worker", settings, logger, disposal);
    const withRows = keepRows && settings.storage.backend === "postgres";
    const infer = await startInfer(settings, environment, logger, disposal);
    const requests = withRows ? await openRows(settings, { logger, metrics, disposal }) : noRows;
    const { engine } = openEngineClient(settings, infer, metrics, disposal);
    const domain = openDomain({ settings, engine, logger, disposal, nowMs });
    // A job's conversation is its caller's to keep; the turns only want a place for the moment.
    const sessions = disposal.own(createMemorySessionStore(settings.sessions), (opened) =>
      opened[Symbol.asyncDispose](),
    );
    const { takeTurn } = openTurns({ settings, domain, engine, sessions, metrics, logger, disposal, nowMs, nowIso });
    await infer?.ready;
    const runJob: RunJob = createRunJob({ takeTurn, requests, metrics, endpoint, nowMs, nowIso });
    return { runJob: tracedRunJob(runJob, tracing), disposal };
  } catch (failure) {
    await disposal.close();
    throw failure;
  }
}

/** An embedded database would begin empty with every worker and end with it: such rows would never be read. */
const noRows: RequestLog = { record: () => undefined };

async function openRows(
  settings: Settings,
  surroundings: { logger: ProcessLogger; metrics: GatewayMetrics; disposal: Disposal },
): Promise<RequestLog> {
  return openRecords(settings, await openDatabase(settings, surroundings.logger, surroundings.disposal), surroundings);
}
