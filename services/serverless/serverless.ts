/** Whose job it is: it is seen by the key that made it and by no other. */
export interface RunOwner {
  /** Null: no key was asked for. */
  readonly keyId: string | null;
  readonly userId: string | null;
  /** Sectors the key may use; null: all. */
  readonly sectors: readonly string[] | null;
}

export interface RunPolicy {
  /** Longest run, ms; 5 000 up to a week. */
  readonly executionTimeout?: number;
  /** Longest wait for its start, ms; 10 000 up to a week. */
  readonly ttl?: number;
  /** Taken when nothing else waits. */
  readonly lowPriority?: boolean;
}

export interface RunRequest {
  /** See run-input.ts. */
  readonly input: unknown;
  /** Told of the outcome. */
  readonly webhook?: string;
  readonly policy?: RunPolicy;
}

export type RunState = "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT";

/** What is known of a job; also what a webhook is told. */
export interface RunStatus {
  readonly id: string;
  readonly status: RunState;
  /** ms from its coming in to its (last) start. */
  readonly delayTime?: number;
  /** ms from there to its end. */
  readonly executionTime?: number;
  /** Of a job that has ended: `RunOutput`, or `RunFailure` where there is no result. */
  readonly output?: object;
}

export interface RunStream {
  readonly status: RunState;
  /** The text since the last call. */
  readonly stream: readonly { readonly output: string }[];
}

export interface RunHealth {
  /** Of all keys; `completed` and `failed` as far as they are still kept, `retried` is now in its second try or a later one. */
  readonly jobs: Readonly<Record<"completed" | "failed" | "inProgress" | "inQueue" | "retried", number>>;
  /** Jobs that can run at once: with one, ready for one, while the engine starts, while all places of the engine are taken. */
  readonly workers: Readonly<Record<"idle" | "initializing" | "ready" | "running" | "throttled", number>>;
}

/**
 * The job API in the manner of RunPod's: conversation turns that wait in a queue. Several gateways on one queue see the same jobs.
 * Every method throws `EndpointNotFoundError` for a name that is not configured, and `JobsUnavailableError` while the queue is away; those
 * that take an id throw `RunNotFoundError` for jobs that are not the owner's or no longer kept.
 */
export interface Serverless {
  /** @throws {InvalidRequestError} @throws {WebhookRefusedError} @throws {RunQueueFullError} */
  run(endpoint: string, owner: RunOwner, request: RunRequest): Promise<RunStatus>;
  /** As `run`, then the outcome, or how far it is after `waitMs` (at most 300 000). The job goes on when the caller leaves. */
  runSync(
    endpoint: string,
    owner: RunOwner,
    request: RunRequest,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<RunStatus>;
  /** @param waitMs longest wait for its end; 0: none */
  status(endpoint: string, owner: RunOwner, id: string, waitMs: number, signal: AbortSignal): Promise<RunStatus>;
  /** What it said since the last call of anybody; waits a few seconds where there is nothing new. A final status comes with the last text. */
  stream(endpoint: string, owner: RunOwner, id: string, signal: AbortSignal): Promise<RunStream>;
  /** What has ended stays as it is. */
  cancel(endpoint: string, owner: RunOwner, id: string, signal: AbortSignal): Promise<RunStatus>;
  /** @throws {RunNotRetryableError} it is neither FAILED nor TIMED_OUT nor waiting already */
  retry(endpoint: string, owner: RunOwner, id: string): Promise<RunStatus>;
  /** Takes the owner's waiting jobs away. @returns how many; their webhooks are not told */
  purge(endpoint: string, owner: RunOwner): Promise<number>;
  health(endpoint: string): Promise<RunHealth>;
}
