import type { Batch, BatchFault, BatchOwner, BatchStatus, NewBatch } from "./batches.ts";
import type { BatchBounds } from "./insert-batch.ts";
import type { NumberedLine } from "./line-store.ts";

/** Batches as the room itself sees them: rows, answers, ends. */
export interface BatchStore {
  /** @param bounds absent: none @throws {TooManyBatchesError} @throws {TooManyBatchLinesError} */
  insert(id: string, owner: BatchOwner, batch: NewBatch, windowMs: number, bounds?: BatchBounds): Promise<Batch>;
  load(id: string): Promise<Batch | undefined>;
  list(keyId: string | null, page: { readonly after?: string; readonly limit: number }): Promise<readonly Batch[]>;
  /** Oldest first. */
  unended(): Promise<readonly Batch[]>;
  /**
   * Lets batches of other keys go first: the more its own key has, the further it steps back, so that each key gets the same.
   * @returns its turn from now on; undefined: there are none
   */
  giveWay(id: string): Promise<number | undefined>;
  /** Gives a batch another status, if it has one of `from`. @returns undefined: it has not */
  move(id: string, from: readonly BatchStatus[], to: BatchStatus): Promise<Batch | undefined>;
  begin(id: string, total: number): Promise<void>;
  refuse(id: string, faults: readonly BatchFault[]): Promise<void>;
  /** As if it had never been. */
  remove(id: string): Promise<void>;
  /** Keeps one line's answer. A line that has one keeps it. */
  answer(id: string, line: NumberedLine, ok: boolean): Promise<void>;
  /** Unanswered lines after a line, in order: so many, or so much, as may be held at a time. */
  unanswered(batch: Batch, after: number): Promise<readonly NumberedLine[]>;
  /** The batch's end, with its files; one that has ended stays as it is. @param to undefined: whatever has become of it */
  end(id: string, to?: BatchStatus): Promise<void>;
}
