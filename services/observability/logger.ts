import { pino } from "pino";

/** So much is written without waiting for more. */
const gatheredBytes = 8_192;

/**
 * JSON lines on standard output. What callers say may only ever stand under `pii`, which is dropped here.
 * @param level pino's level names, or "silent"
 * @param gatherMs how long a line may wait for others to be written with. A write a line is felt where every request leaves one. What waits
 * is written when the process ends by itself, and lost when it is killed. 0: nothing waits
 */
export function createLogger(name: string, level: string, gatherMs = 0) {
  const options = {
    level,
    base: { service: name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: "event",
    redact: { paths: ["pii", "*.pii", "req.headers.authorization", "headers.authorization"], remove: true },
  };
  if (gatherMs === 0) return pino(options);
  return pino(options, pino.destination({ dest: 1, sync: false, minLength: gatheredBytes, periodicFlush: gatherMs }));
}

export type ProcessLogger = ReturnType<typeof createLogger>;
