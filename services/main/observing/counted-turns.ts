import type { GatewayMetrics } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";

/** The same log, and every turn that leaves a row counted: whatever way it came in, it passes here once. */
export function countedTurns(
  log: RequestLog,
  metrics: Pick<GatewayMetrics, "turnEnded" | "engineSecondsOf">,
): RequestLog {
  return {
    record: (row, moment) => {
      const engineSeconds = metrics.engineSecondsOf(moment?.timings);
      metrics.turnEnded({ ...row, firstTextMs: moment?.firstTextMs, engineSeconds });
      log.record(row, moment);
    },
  };
}
