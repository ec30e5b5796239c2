import type { Recognition, RecognitionOptions } from "../recognizer.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** A caller. */
export interface Waiter {
  readonly resolve: (recognition: Recognition) => void;
  readonly reject: (failure: unknown) => void;
  /** What it waits for now; a newer partial, or the final, may take the place of the one it came with. */
  utterance: WaitingUtterance | undefined;
}

/** What is recognised once, for everybody who waits for it. */
export interface WaitingUtterance {
  readonly partial: boolean;
  readonly source: string | undefined;
  samples: Float32Array;
  options: RecognitionOptions;
  readonly waiters: Set<Waiter>;
  /** Fires when nobody waits for it any more. */
  readonly abandoned: AbortController;
  readonly sinceMs: number;
  timer: NodeJS.Timeout | undefined;
}

export function waitFor(waiter: Waiter, utterance: WaitingUtterance): void {
  utterance.waiters.add(waiter);
  waiter.utterance = utterance;
}

/** One waiter fewer; an utterance without any need not be recognised. */
export function abandon(waiter: Waiter, line: WaitingLine<WaitingUtterance>): void {
  const { utterance } = waiter;
  utterance?.waiters.delete(waiter);
  if (utterance === undefined || utterance.waiters.size > 0) return;
  clearTimeout(utterance.timer);
  line.leave(utterance);
  utterance.abandoned.abort();
}

export function giveUp(waiting: WaitingUtterance, failure: Error): void {
  clearTimeout(waiting.timer);
  for (const { reject } of waiting.waiters) reject(failure);
}
