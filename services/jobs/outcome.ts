import { PlatformError } from "../foundation/index.ts";
import { JobStalledError } from "./errors.ts";
import type { JobError, JobState } from "./jobs.ts";

/** Requests that may fare better later. */
const passing = new Set([408, 425, 429]);
/** BullMQ's own words for a job whose process died too often. */
export const stalledTooOften = "job stalled more than allowable limit";

/** What may be shown of a failure. What nobody foresaw is `internal` and tells nothing. */
export function errorOf(failure: unknown): JobError {
  if (!(failure instanceof PlatformError)) {
    return { code: "internal", message: "An unexpected error.", messageTr: "Beklenmeyen bir hata oluştu." };
  }
  const { code, message, messageTr } = failure;
  return { code, message, ...(messageTr === undefined ? {} : { messageTr }) };
}

/** Whether trying again is of no use: the request itself is wrong, or the job's time is over. */
export function isForGood(failure: unknown): boolean {
  if (!(failure instanceof PlatformError)) return false;
  return (failure.status < 500 && !passing.has(failure.status)) || failure.code in stateOfCode;
}

/** The queue keeps one line of text a failure. */
export function written(failure: unknown): string {
  return JSON.stringify(errorOf(failure));
}

/** @param line what `written` wrote, or the queue's own words */
export function readError(line: string): JobError {
  if (line === stalledTooOften) return errorOf(new JobStalledError());
  try {
    const { code, message, messageTr } = JSON.parse(line) as Partial<JobError>;
    if (typeof code === "string" && typeof message === "string")
      return { code, message, ...(typeof messageTr === "string" ? { messageTr } : {}) };
  } catch {
    // Not ours.
  }
  return errorOf(undefined);
}

const stateOfCode: Readonly<Record<string, JobState>> = {
  job_cancelled: "cancelled",
  job_timed_out: "timed-out",
  job_expired: "timed-out",
};

/** How a job with this error has ended. */
export function stateAfter({ code }: JobError): JobState {
  return stateOfCode[code] ?? "failed";
}
