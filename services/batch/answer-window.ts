import { setImmediate as breath } from "node:timers/promises";
import { pause } from "../foundation/index.ts";
import type { LineAnswer, PreparedLine, PrepareLine } from "./answer-line.ts";
import { outputLine } from "./answer-line.ts";
import { isBlank, requestOf } from "./batch-request.ts";
import type { Batch } from "./batches.ts";
import type { NumberedLine } from "./line-store.ts";

export interface AnswerParts {
  readonly prepare: PrepareLine;
  /** Lines at the same time. */
  readonly concurrency: number;
  /** Whether people wait for the engine at this moment. */
  readonly isBusy: () => Promise<boolean>;
  readonly newId: () => string;
}

type Save = (line: NumberedLine, ok: boolean) => Promise<void>;

interface WaitingLine extends PreparedLine {
  readonly line: number;
  readonly customId: string;
}

/** How often a line is asked when the engine is away or full. */
const tries = 6;
const longestPauseMs = 30_000;
/** How long a line lets people go first, at most: a batch under steady load is slow, but ends. */
const politeMs = 5_000;
const lookAgainMs = 250;

/**
 * Answers some lines: all are routed first, then answered adapter by adapter, a few at a time, so that the engine changes adapters as
 * rarely as it can. Each answer is saved before the next line of its turn is asked.
 * @param isTimeUp asked after each line: whether the rest is left for later
 * @returns whether all are answered
 * @throws the signal's reason; the database's errors
 */
export async function answerWindow(
  parts: AnswerParts,
  batch: Batch,
  lines: readonly NumberedLine[],
  save: Save,
  signal: AbortSignal,
  isTimeUp: () => boolean,
): Promise<boolean> {
  const waiting = await sorted(parts, batch, lines, signal);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (let line = waiting.shift(); line !== undefined; line = isTimeUp() ? undefined : waiting.shift()) {
      await letPeopleGoFirst(parts.isBusy, stop);
      const answer = await insist(line, stop);
      const ok = answer.statusCode < 400;
      await save({ line: line.line, content: outputLine(parts.newId(), line.customId, answer) }, ok);
    }
  };
  const workers = Array.from({ length: parts.concurrency }, () =>
    work().catch((failure: unknown) => {
      // One that cannot save stops the others: they could not either.
      failed.abort(failure);
      throw failure;
    }),
  );
  const outcomes = await Promise.allSettled(workers);
  signal.throwIfAborted();
  if (outcomes.some(({ status }) => status === "rejected")) throw failed.signal.reason;
  return waiting.length === 0;
}

async function sorted(
  { prepare }: AnswerParts,
  batch: Batch,
  lines: readonly NumberedLine[],
  signal: AbortSignal,
): Promise<WaitingLine[]> {
  const waiting: WaitingLine[] = [];
  for (const { line, content } of lines) {
    if (isBlank(content)) continue;
    const { custom_id: customId, body } = requestOf(content);
    const prepared = await prepare({ body, owner: batch });
    waiting.push({ line, customId, adapterId: prepared.adapterId, answer: (stop) => prepared.answer(stop) });
    // Routing is computing: others on this thread must not wait for a thousand lines of it.
    await breath();
    signal.throwIfAborted();
  }
  return waiting.sort((a, b) => (a.adapterId < b.adapterId ? -1 : a.adapterId > b.adapterId ? 1 : a.line - b.line));
}

async function letPeopleGoFirst(isBusy: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < politeMs && (await isBusy()); waitedMs += lookAgainMs) {
    await pause(lookAgainMs, signal);
    signal.throwIfAborted();
  }
}

/** Asks again while the engine is away or full. */
async function insist(line: PreparedLine, signal: AbortSignal): Promise<LineAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await line.answer(signal);
    if (answer.retryAfterS === undefined || attempt === tries) return answer;
    await pause(Math.min(longestPauseMs, answer.retryAfterS * 1000 * attempt), signal);
    signal.throwIfAborted();
  }
}
