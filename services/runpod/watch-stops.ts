import { type Logger, pause } from "../foundation/index.ts";
import type { JobEndpoint, StopAnswer } from "./endpoint.ts";
import type { JobSlots } from "./job-slots.ts";
import { type Pace, Patience } from "./pace.ts";
import { JobCancelled } from "./run-taken.ts";

export interface WatchStopsParts {
  readonly endpoint: JobEndpoint;
  readonly slots: JobSlots;
  readonly pace: Pace;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** Breaks off jobs that were cancelled at the endpoint, for as long as there are jobs, until `signal` fires. */
export async function watchStops(
  { endpoint, slots, pace, log, nowMs }: WatchStopsParts,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience(pace);
  while (!signal.aborted) {
    if (slots.ids.length === 0) {
      await slots.changed(signal);
      continue;
    }
    const askedMs = nowMs();
    const answer: StopAnswer = await endpoint.stops(signal).catch(() => ({ type: "none" }));
    if (answer.type === "unsupported") return;
    if (answer.type === "failed") log.warn({ reason: answer.reason }, "stops-failed");
    if (answer.type === "stop") for (const id of answer.ids) slots.stop(id, new JobCancelled());
    await pause(patience.pauseMs(answer.type, nowMs() - askedMs), signal);
  }
}
