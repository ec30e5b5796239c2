/** The promise of the room: a queue somewhere else that hands out jobs and takes their outputs. */

/** A job as it was handed out. */
export interface TakenJob {
  /** 1–256 visible ASCII characters. */
  readonly id: string;
  /** Not looked at yet. */
  readonly input: unknown;
}

/** Nothing to hand out; asked too often; or no usable answer, and why. */
type Nothing =
  | { readonly type: "none" }
  | { readonly type: "throttled" }
  | { readonly type: "failed"; readonly reason: string };

/** `malformed`: how many jobs of the answer cannot even be refused, having no id. */
export type TakeAnswer =
  | Nothing
  | { readonly type: "jobs"; readonly jobs: readonly TakenJob[]; readonly malformed: number };

/** `unsupported`: this endpoint tells of no cancelled jobs, and never will. */
export type StopAnswer =
  | Nothing
  | { readonly type: "unsupported" }
  | { readonly type: "stop"; readonly ids: readonly string[] };

/** What a job came to, as it is posted. */
export interface JobOutcome {
  readonly output: object;
  /** Of a job that failed: a JSON object as text. */
  readonly error?: string;
  /** The worker wants to be replaced by a fresh one. */
  readonly stopPod?: true;
}

/** Every wait is limited; faults of the network are answers. Only the signal makes a method throw, with its reason. */
export interface JobEndpoint extends AsyncDisposable {
  /** Whether pieces of a reply can be posted. */
  readonly streams: boolean;
  /** Whether it wants heartbeats. */
  readonly pings: boolean;
  /** Waits for jobs as long as the endpoint lets it. @param most ≥ 1 @param busy whether other jobs run here */
  take(most: number, busy: boolean, signal: AbortSignal): Promise<TakeAnswer>;
  /** Waits for the ids of jobs whose outcome nobody wants any more. */
  stops(signal: AbortSignal): Promise<StopAnswer>;
  /** Tried several times. @param streamed whether pieces were posted before @returns whether it arrived */
  postOutcome(jobId: string, outcome: JobOutcome, streamed: boolean, signal: AbortSignal): Promise<boolean>;
  /** The same for a piece of the reply. */
  postPart(jobId: string, text: string, signal: AbortSignal): Promise<boolean>;
  /** Tells that the worker lives, and which jobs it has. @returns whether it arrived */
  ping(jobIds: readonly string[], signal: AbortSignal): Promise<boolean>;
}
