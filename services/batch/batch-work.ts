import { type JobContext, JobSetAside, type JobWork, type ResultOf } from "../jobs/index.ts";
import { type AnswerParts, answerWindow } from "./answer-window.ts";
import { RequestCheck } from "./batch-request.ts";
import type { BatchStore } from "./batch-store.ts";
import { type Batch, type BatchFault, hasEnded } from "./batches.ts";
import { BatchNotFoundError } from "./errors.ts";
import type { NumberedLine } from "./line-store.ts";

export interface BatchWorkParts extends AnswerParts {
  readonly store: BatchStore;
  /** An input file's lines, in order. */
  readonly linesOf: (fileId: string) => AsyncIterable<readonly NumberedLine[]>;
  /** How long a batch is worked on before those of other keys come; 60 000 unless told. */
  readonly sliceMs?: number;
}

/**
 * Works on a batch until every line has its answer. What was answered is kept line by line, so that a process that takes over goes on
 * where the last one stopped, and so does this one when it has let the batches of other keys go first.
 */
export function createBatchWork(parts: BatchWorkParts): JobWork<"batch"> {
  const { store } = parts;
  return {
    run: async ({ batchId }, context) => {
      const batch = await store.load(batchId);
      if (batch === undefined) throw new BatchNotFoundError();
      if (hasEnded(batch) || !(await isBegun(parts, batch))) return await countsOf(store, batchId);
      await answerAll(parts, batchId, context);
      const finished = await store.move(batchId, ["in_progress", "finalizing"], "finalizing");
      await store.end(batchId, finished === undefined ? undefined : "completed");
      return await countsOf(store, batchId);
    },
    ending: ({ payload }) => store.end(payload.batchId),
  };
}

/** @returns false: its file cannot be used */
async function isBegun({ store, linesOf }: BatchWorkParts, batch: Batch): Promise<boolean> {
  if (batch.status !== "validating") return true;
  const check = new RequestCheck(batch.endpoint);
  const faults = await seenFaults(check, linesOf(batch.inputFileId));
  if (faults.length > 0) await store.refuse(batch.id, faults);
  else await store.begin(batch.id, check.total);
  return faults.length === 0;
}

async function seenFaults(
  check: RequestCheck,
  pieces: AsyncIterable<readonly NumberedLine[]>,
): Promise<readonly BatchFault[]> {
  for await (const lines of pieces)
    for (const { line, content } of lines) if (!check.see(content, line)) return check.faults;
  return check.faults;
}

/** @throws {JobSetAside} its time is up, and another key's batch waits */
async function answerAll(parts: BatchWorkParts, batchId: string, { signal, progress }: JobContext): Promise<void> {
  const { store, sliceMs = 60_000 } = parts;
  let beganMs = performance.now();
  const isTimeUp = (): boolean => performance.now() - beganMs >= sliceMs;
  for (let after = 0, isFirst = true; ; isFirst = false) {
    const batch = await store.load(batchId);
    if (batch === undefined) throw new BatchNotFoundError();
    progress({ done: batch.completed + batch.failed, total: batch.total });
    const lines = await store.unanswered(batch, after);
    const last = lines.at(-1);
    if (last === undefined) return;
    if (!isFirst && isTimeUp()) {
      const turn = await store.giveWay(batchId);
      if (turn !== undefined) throw new JobSetAside(turn);
      beganMs = performance.now();
    }
    const save = (line: NumberedLine, ok: boolean) => store.answer(batchId, line, ok);
    if (await answerWindow(parts, batch, lines, save, signal, isTimeUp)) after = last.line;
  }
}

async function countsOf(store: BatchStore, batchId: string): Promise<ResultOf<"batch">> {
  const { total = 0, completed = 0, failed = 0 } = (await store.load(batchId)) ?? {};
  return { total, completed, failed };
}
