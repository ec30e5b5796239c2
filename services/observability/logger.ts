import { pino } from "pino";

/**
 * JSON lines on standard output. What callers say may only ever stand under `pii`, which is dropped here.
 * @param level pino's level names, or "silent"
 */
export function createLogger(name: string, level: string) {
  return pino({
    level,
    base: { service: name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: "event",
    redact: { paths: ["pii", "*.pii", "req.headers.authorization", "headers.authorization"], remove: true },
  });
}

export type ProcessLogger = ReturnType<typeof createLogger>;
