import type { Batch, BatchFault, BatchStatus } from "./batches.ts";

/** A batch as the database has it. */
export interface BatchRow {
  readonly id: string;
  readonly key_id: string | null;
  readonly user_id: string | null;
  readonly sectors: string[] | null;
  readonly endpoint: string;
  readonly completion_window: string;
  readonly metadata: Record<string, string> | null;
  readonly input_file_id: string;
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  readonly status: BatchStatus;
  readonly times: Partial<Record<BatchStatus, number>>;
  readonly expires_at: Date;
  readonly errors: BatchFault[] | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly turn: number;
}

export function shownBatch(row: BatchRow): Batch {
  return {
    id: row.id,
    keyId: row.key_id,
    userId: row.user_id,
    sectors: row.sectors,
    endpoint: row.endpoint,
    completionWindow: row.completion_window,
    metadata: row.metadata,
    inputFileId: row.input_file_id,
    outputFileId: row.output_file_id,
    errorFileId: row.error_file_id,
    status: row.status,
    times: row.times,
    expiresAt: row.expires_at.toISOString(),
    errors: row.errors,
    total: row.total,
    completed: row.completed,
    failed: row.failed,
    turn: row.turn,
  };
}

/** The condition of a batch that goes on. */
export const isUnended = "status in ('validating', 'in_progress', 'finalizing', 'cancelling')";
