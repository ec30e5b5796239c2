export type { JobEndpoint, JobOutcome, StopAnswer, TakeAnswer, TakenJob } from "./endpoint.ts";
export { WorkerNotConfiguredError, WorkerStoppingError } from "./errors.ts";
export { createHttpEndpoint, type HttpEndpointOptions } from "./http-endpoint.ts";
export { defaultPace, type Pace } from "./pace.ts";
export { RunpodWorker, type RunpodWorkerParts, type WorkerEnd, type WorkerLimits } from "./runpod-worker.ts";
