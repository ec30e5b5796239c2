export type BatchStatus =
  | "validating"
  | "failed"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "expired"
  | "cancelling"
  | "cancelled";

/** Why an input file was refused. */
export interface BatchFault {
  readonly code: string;
  readonly message: string;
  /** From 1; null: it concerns the whole file. */
  readonly line: number | null;
  readonly param: string | null;
}

/** Whose batch it is, and what its lines may ask for. */
export interface BatchOwner {
  /** Null: no key was asked for. */
  readonly keyId: string | null;
  readonly userId: string | null;
  /** Sectors the key may use; null: all. */
  readonly sectors: readonly string[] | null;
}

/** Requests of one file, answered when there is time. */
export interface Batch extends BatchOwner {
  readonly id: string;
  /** The one endpoint of all its lines. */
  readonly endpoint: string;
  readonly completionWindow: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly inputFileId: string;
  /** Null until there is something in them. */
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  readonly status: BatchStatus;
  /** When each status was reached, unix seconds; `validating` is its beginning. */
  readonly times: Readonly<Partial<Record<BatchStatus, number>>>;
  /** ISO 8601 */
  readonly expiresAt: string;
  readonly errors: readonly BatchFault[] | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  /** When it is worked on: the smaller one goes first, 1–1 000 000. */
  readonly turn: number;
}

export interface NewBatch {
  readonly inputFileId: string;
  readonly endpoint: string;
  readonly completionWindow: string;
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** Batches of a key. Everything throws the database's errors; `create` and `cancel` also `JobsUnavailableError`. */
export interface Batches {
  /** @throws {FileNotFoundError} @throws {TooManyBatchesError} @throws {TooManyBatchLinesError} */
  create(owner: BatchOwner, batch: NewBatch): Promise<Batch>;
  /** @throws {BatchNotFoundError} */
  get(id: string, keyId: string | null): Promise<Batch>;
  /** Newest first. @param page `after`: id of the last batch of the page before; `limit` 1–100 */
  list(
    keyId: string | null,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<{ readonly batches: readonly Batch[]; readonly hasMore: boolean }>;
  /** What was answered so far stays. A batch that has ended stays as it is. @throws {BatchNotFoundError} */
  cancel(id: string, keyId: string | null): Promise<Batch>;
}

export function hasEnded({ status }: Pick<Batch, "status">): boolean {
  return ["failed", "completed", "expired", "cancelled"].includes(status);
}
