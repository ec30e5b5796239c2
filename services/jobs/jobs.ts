import type { JobName, PayloadOf, ResultOf } from "./contracts.ts";

/**
 * `delayed`: waits for its time, or for its next attempt. `failed`: every attempt failed, or trying again is of no use (a dead letter).
 * `timed-out`: expired before it started, or ran longer than it may.
 */
export type JobState = "waiting" | "delayed" | "running" | "completed" | "failed" | "cancelled" | "timed-out";

/** What is listed and counted together; `failed` holds everything that ended without a result. */
export type JobGroup = "waiting" | "delayed" | "running" | "completed" | "failed";

/** Why a job has no result; safe to show. */
export interface JobError {
  /** A `PlatformError`'s code, or one of this room: `job_cancelled`, `job_timed_out`, `job_expired`, `job_stalled`, `job_malformed`, `internal`. */
  readonly code: string;
  readonly message: string;
  readonly messageTr?: string;
}

export interface JobProgress {
  readonly done: number;
  readonly total: number;
}

interface JobFacts {
  /** `<name>.<rest>`; unique. */
  readonly id: string;
  readonly state: JobState;
  readonly progress: JobProgress | null;
  /** Of a job that ended without a result; also of the last attempt, while the next one waits. */
  readonly error: JobError | null;
  /** Attempts begun so far, those that a crash cut short included. */
  readonly attempts: number;
  /** ISO 8601. `startedAt` is the last attempt's. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** One job; `name` tells which payload and result it has. */
export type Job<Name extends JobName = JobName> = {
  [Each in Name]: JobFacts & {
    readonly name: Each;
    /** Null: what stands in the queue is not what the contract says (`job_malformed`). */
    readonly payload: PayloadOf<Each> | null;
    /** Null: not completed. */
    readonly result: ResultOf<Each> | null;
  };
}[Name];

export interface AddOptions {
  /** Its own part of the job's id: letters, digits, `_`, `-`, at most 128, not digits alone. Adding it again changes nothing. */
  readonly id?: string;
  readonly delayMs?: number;
  /** Not started within this time: it ends as timed out. */
  readonly expireMs?: number;
  /** The rest instead of the contract's. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  readonly backoffMs?: number;
  readonly retainMs?: { readonly completed: number; readonly failed: number };
  /** The smaller one is taken first, 1–1 000 000; among equals the one that came first. Jobs without a turn go before all. */
  readonly turn?: number;
  /** Taken when nothing of ordinary priority waits. */
  readonly lowPriority?: boolean;
}

/** A part of what a running job has said so far. */
export interface JobChunks {
  /** In order, each as the handler emitted it. */
  readonly chunks: readonly unknown[];
  /** Where to read on. */
  readonly cursor: string;
  /** The job began anew since the cursor was given: what was read before it is void. */
  readonly restarted: boolean;
  /** Nothing will follow. */
  readonly ended: boolean;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly total: number;
}

export type JobCounts = Readonly<Record<JobGroup, number>>;

/**
 * Work done outside a turn, kept by a queue that outlives every process. Every method throws `JobsUnavailableError` (503) while the queue
 * is out of reach. Ids that no job has, or whose job was forgotten, are answered with `undefined` or `false`.
 */
export interface Jobs {
  /**
   * Durable when it resolves.
   * @returns its id
   * @throws {JobMalformedError} the payload is not the contract's
   */
  add<Name extends JobName>(name: Name, payload: PayloadOf<Name>, options?: AddOptions): Promise<string>;
  get(id: string): Promise<Job | undefined>;
  /** Of one job name, by group; `offset` ≥ 0, `limit` 1–100. */
  list(filter: { name: JobName; group: JobGroup; offset?: number; limit?: number }): Promise<JobPage>;
  counts(name: JobName): Promise<JobCounts>;
  /**
   * Waiting and delayed jobs, sorted into groups: how many each has. Reads every payload; jobs that are malformed are in none.
   * @param groupOf of a payload
   */
  tally<Name extends JobName>(
    name: Name,
    groupOf: (payload: PayloadOf<Name>) => string,
  ): Promise<ReadonlyMap<string, number>>;
  /** Processes that take jobs of this name, and how many they run at once together. */
  workers(name: JobName): Promise<{ readonly processes: number; readonly slots: number }>;
  /**
   * A waiting job is taken away, a running one's signal fires within seconds, wherever it runs; a job that ended stays as it is.
   * @returns the job as it is then; a running one still says `running` until its handler has let go
   */
  cancel(id: string): Promise<Job | undefined>;
  /** A job that ended without a result waits again, with all its attempts. @returns false: there is none, or it has not ended so */
  retry(id: string): Promise<boolean>;
  /**
   * Takes waiting and delayed jobs away as `cancel` does, and with them what users wrote: those that held such cannot wait again.
   * @param only those it says yes to; all unless told
   * @returns how many
   */
  purge<Name extends JobName>(name: Name, only?: (payload: PayloadOf<Name>) => boolean): Promise<number>;
  /**
   * What a job emitted after `cursor`; readable until the job is forgotten.
   * @param cursor of an earlier answer; undefined: from the beginning
   * @param waitMs longest wait where there is nothing yet; 0 unless told, at most 60 000
   */
  read(
    id: string,
    cursor?: string,
    options?: { readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<JobChunks | undefined>;
  /** As `read`, from where the last `readOn` of this job left off, whoever asked; two at once may be given the same. */
  readOn(
    id: string,
    options?: { readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<JobChunks | undefined>;
  /** The job as soon as it has ended, or as it is after `ms` (at most 300 000). @throws the signal's reason */
  waitFor(id: string, ms: number, signal?: AbortSignal): Promise<Job | undefined>;
}

/** What a handler is told, and tells. */
export interface JobContext {
  readonly id: string;
  /** 1 for the first attempt; an attempt that a crash cut short counts. */
  readonly attempt: number;
  readonly createdAt: string;
  /** Fires when the job is cancelled, runs too long, was lost to another process, or this process has to end. */
  readonly signal: AbortSignal;
  /** Kept at most a few times a second, the last one always. */
  progress(progress: JobProgress): void;
  /** Adds to what `read` gives; JSON values, in order. Resolves when there is room for more. */
  emit(chunk: unknown): Promise<void>;
}

/**
 * Does one job. It may be called again for the same job: after a crash, and after a failure while attempts are left. So what it writes
 * elsewhere goes by the job's id. It may throw `JobSetAside` to let others go first.
 */
export type JobHandler<Name extends JobName> = (
  payload: PayloadOf<Name>,
  context: JobContext,
) => Promise<ResultOf<Name>>;

export interface JobWork<Name extends JobName> {
  readonly run: JobHandler<Name>;
  /**
   * Called just before the job's outcome is stored, whichever it is (but for a job cancelled while it waited), and again should the process
   * end in between: what has to follow the job is added to the queue here. Throwing changes nothing.
   */
  readonly ending?: (job: {
    readonly id: string;
    readonly payload: PayloadOf<Name>;
    readonly createdAt: string;
  }) => Promise<void>;
}

export type JobHandlers = { readonly [Name in JobName]?: JobWork<Name> };
