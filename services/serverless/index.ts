export {
  EndpointNotFoundError,
  RunNotFoundError,
  RunNotRetryableError,
  RunQueueFullError,
  WebhookFailedError,
  WebhookRefusedError,
} from "./errors.ts";
export { RunInput, RunMessage, readRunInput } from "./run-input.ts";
export {
  createRunJob,
  type RunCall,
  type RunFailure,
  type RunJob,
  type RunJobParts,
  type RunOutput,
  runFailure,
} from "./run-job.ts";
export type {
  RunHealth,
  RunOwner,
  RunPolicy,
  RunRequest,
  RunState,
  RunStatus,
  RunStream,
  Serverless,
} from "./serverless.ts";
