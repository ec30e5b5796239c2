import type { Disposal } from "../../foundation/index.ts";
import type { GatewayMetrics, ProcessLogger } from "../../observability/index.ts";
import { createDatabaseRequestLog } from "../../records/database-request-log.ts";
import { startForgettingTexts } from "../../records/forget-texts.ts";
import type { OwnedRequestLog } from "../../records/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";
import { countedTurns } from "../observing/counted-turns.ts";

/** The request log, and what keeps it from knowing things for longer than it may. */
export function openRecords(
  { storage }: Settings,
  database: Database,
  { logger, metrics, disposal }: { logger: ProcessLogger; metrics: GatewayMetrics; disposal: Disposal },
): OwnedRequestLog {
  const { folder, keepMessages, retentionDays } = storage;
  disposal.own(startForgettingTexts(database, { days: retentionDays, logger }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  const onCount = metrics.requestRows;
  const log = disposal.own(createDatabaseRequestLog(database, { folder, keepMessages, logger, onCount }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  return {
    record: countedTurns(log, metrics).record,
    flush: () => log.flush(),
    eraseUser: (userId, sessionIds) => log.eraseUser(userId, sessionIds),
    get counts() {
      return log.counts;
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
