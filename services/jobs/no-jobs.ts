import { JobsNotConfiguredError } from "./errors.ts";
import type { Jobs } from "./jobs.ts";

/** The promise where nothing can keep it: everything is refused, and says how that is mended. */
export function createNoJobs(): Jobs {
  const refuse = async (): Promise<never> => {
    throw new JobsNotConfiguredError();
  };
  return {
    add: refuse,
    get: refuse,
    list: refuse,
    counts: refuse,
    tally: refuse,
    workers: refuse,
    cancel: refuse,
    retry: refuse,
    purge: refuse,
    read: refuse,
    readOn: refuse,
    waitFor: refuse,
  };
}
