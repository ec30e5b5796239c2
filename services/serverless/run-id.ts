/** The queue names a job `serverless-run.<id>`; callers know the `<id>` alone. */
const prefix = "serverless-run.";
/** Ids of jobs whose caller waits for the outcome, as in the API this one follows. */
const waited = "sync-";

export function newRunId(newId: () => string, isWaited: boolean): string {
  return isWaited ? `${waited}${newId()}` : newId();
}

/** @param id as a caller gives it @returns undefined: no job can have it */
export function queueIdOf(id: string): string | undefined {
  return /^[A-Za-z0-9_-]{1,128}$/.test(id) ? `${prefix}${id}` : undefined;
}

export function runIdOf(queueId: string): string {
  return queueId.slice(prefix.length);
}

/** Whether somebody waits for the outcome of the job (`/runsync`). @param runId without the queue's prefix */
export function isWaitedFor(runId: string): boolean {
  return runId.startsWith(waited);
}
