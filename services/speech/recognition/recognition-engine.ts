import type { Recognition, RecognitionOptions } from "../recognizer.ts";

/**
 * What one way of recognising speech does itself. `queuedRecognizer` makes a `Recognizer` of it: turns, bounds, and everything
 * that goes wrong under one name.
 */
export interface RecognitionEngine {
  readonly name: string;
  /** Whether it is quick enough for partial transcripts where nobody says. */
  readonly partials: boolean;
  readonly syntheticOnly: boolean;
  /** Utterances it takes at the same time, ≥ 1. */
  readonly parallel: number;
  /** Resolves when it can work; may be asked again after a failure. */
  ready(): Promise<void>;
  /**
   * Settles within its own limit of time, whatever happens; a signal that fires lets it stop earlier.
   * @param samples its own to transfer
   */
  recognize(samples: Float32Array, options: RecognitionOptions, signal: AbortSignal): Promise<Recognition>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Nothing was said. */
export const nothingHeard: Recognition = { text: "", confidence: 0, words: [] };
