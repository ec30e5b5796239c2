export {
  contractOf,
  contracts,
  type JobContract,
  type JobName,
  jobNames,
  type PayloadOf,
  type ResultOf,
} from "./contracts.ts";
export {
  JobCancelledError,
  JobExpiredError,
  JobMalformedError,
  JobNotFoundError,
  JobNotRetryableError,
  JobOutputTooLargeError,
  JobScheduledError,
  JobStalledError,
  JobsNotConfiguredError,
  JobsUnavailableError,
  JobTimedOutError,
} from "./errors.ts";
export type { JobOutputs } from "./job-outputs.ts";
export type {
  AddOptions,
  Job,
  JobChunks,
  JobContext,
  JobCounts,
  JobError,
  JobGroup,
  JobHandler,
  JobHandlers,
  JobPage,
  JobProgress,
  JobState,
  Jobs,
  JobWork,
} from "./jobs.ts";
export { JobSetAside } from "./set-aside.ts";
