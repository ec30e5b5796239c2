import { type Logger, pause } from "../foundation/index.ts";
import type { JobEndpoint } from "./endpoint.ts";

export interface HeartbeatParts {
  readonly endpoint: JobEndpoint;
  readonly intervalMs: number;
  readonly jobIds: () => readonly string[];
  readonly log: Logger;
}

/** Tells the endpoint again and again that the worker lives, until `signal` fires. One that is lost is told once in the log, not at every interval. */
export async function beat({ endpoint, intervalMs, jobIds, log }: HeartbeatParts, signal: AbortSignal): Promise<void> {
  let heard = true;
  do {
    const arrived = await endpoint.ping(jobIds(), signal).catch(() => heard);
    if (arrived !== heard) log.warn({ heard: arrived }, "heartbeat");
    heard = arrived;
  } while (await pause(intervalMs, signal));
}
