import { orAbort, PlatformError, within } from "../../foundation/index.ts";
import { RecognizerUnavailableError } from "../errors.ts";
import { type Recognition, type RecognitionOptions, type Recognizer, recognizerSampleRate } from "../recognizer.ts";
import { nothingHeard, type RecognitionEngine } from "./recognition-engine.ts";
import { WaitingLine } from "./waiting-line.ts";
import { abandon, giveUp, type Waiter, type WaitingUtterance, waitFor } from "./waiting-utterance.ts";

/** One recognition, for metrics. */
export interface RecognitionFacts {
  /** The work itself, without waiting. */
  readonly seconds: number;
  readonly waitedSeconds: number;
  readonly audioSeconds: number;
  /** 0–1; undefined where the recogniser says nothing about it, or nothing was said. */
  readonly confidence: number | undefined;
  readonly partial: boolean;
}

export interface QueueOptions {
  /** Utterances that may wait, ≥ 1. */
  readonly queueLimit: number;
  /** Longest wait for one's turn, and for a recogniser that is being loaded. */
  readonly timeoutMs: number;
  /** Whether sessions are to have partial transcripts; absent: where the engine is quick at them. */
  readonly partials?: boolean;
  readonly onRecognized?: (facts: RecognitionFacts) => void;
  readonly nowMs?: () => number;
}

/** Below this no word was said: 100 ms. */
const leastSamples = recognizerSampleRate / 10;

/**
 * `engine` with turns: bounded, fair over sources, finals first. A partial that still waits when a newer one of its source comes,
 * or its final, is answered with that one's transcript.
 */
export function queuedRecognizer(engine: RecognitionEngine, options: QueueOptions): Recognizer {
  return new QueuedRecognizer(engine, options);
}

class QueuedRecognizer implements Recognizer {
  readonly name: string;
  readonly partials: boolean;
  readonly syntheticOnly: boolean;
  readonly #engine: RecognitionEngine;
  readonly #options: QueueOptions;
  readonly #nowMs: () => number;
  readonly #line: WaitingLine<WaitingUtterance>;
  #running = 0;
  #closed = false;

  constructor(engine: RecognitionEngine, options: QueueOptions) {
    this.name = engine.name;
    this.partials = options.partials ?? engine.partials;
    this.syntheticOnly = engine.syntheticOnly;
    this.#engine = engine;
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#line = new WaitingLine(options.queueLimit);
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) throw new RecognizerUnavailableError();
    await orAbort(this.#engine.ready(), signal).catch((failure: unknown) => {
      signal?.throwIfAborted();
      throw named(failure);
    });
  }

  async recognize(samples: Float32Array, options: RecognitionOptions, signal: AbortSignal): Promise<Recognition> {
    signal.throwIfAborted();
    if (samples.length < leastSamples) return nothingHeard;
    // The engine may hand its samples to another thread, and the caller may go on filling its own.
    const own = samples.slice();
    await within(this.#options.timeoutMs, this.ready(signal), () => new RecognizerUnavailableError());
    signal.throwIfAborted();
    return await this.#join(own, options, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#line.clear()) giveUp(waiting, new RecognizerUnavailableError());
    await this.#engine[Symbol.asyncDispose]();
  }

  #join(samples: Float32Array, options: RecognitionOptions, signal: AbortSignal): Promise<Recognition> {
    return new Promise((resolve, reject) => {
      const settled = (settle: () => void): void => {
        signal.removeEventListener("abort", leave);
        settle();
      };
      const waiter: Waiter = {
        resolve: (recognition) => settled(() => resolve(recognition)),
        reject: (failure) => settled(() => reject(failure)),
        utterance: undefined,
      };
      const leave = (): void => {
        waiter.reject(signal.reason);
        abandon(waiter, this.#line);
      };
      signal.addEventListener("abort", leave, { once: true });
      try {
        this.#place(samples, options, waiter);
        this.#advance();
      } catch (failure) {
        waiter.reject(failure);
      }
    });
  }

  #place(samples: Float32Array, options: RecognitionOptions, waiter: Waiter): void {
    const { source, partial = false } = options;
    const earlier = this.#line.partialOf(source);
    if (earlier !== undefined && partial) {
      earlier.samples = samples;
      earlier.options = options;
      waitFor(waiter, earlier);
      return;
    }
    const waiting: WaitingUtterance = {
      partial,
      source,
      samples,
      options,
      waiters: new Set(),
      abandoned: new AbortController(),
      sinceMs: this.#nowMs(),
      timer: undefined,
    };
    waitFor(waiter, waiting);
    if (earlier !== undefined) {
      clearTimeout(earlier.timer);
      this.#line.leave(earlier);
      for (const one of earlier.waiters) waitFor(one, waiting);
    }
    const displaced = this.#line.join(waiting);
    if (displaced !== undefined) giveUp(displaced, new RecognizerUnavailableError());
    waiting.timer = setTimeout(() => {
      this.#line.leave(waiting);
      giveUp(waiting, new RecognizerUnavailableError(new Error("It was not its turn in time.")));
    }, this.#options.timeoutMs);
  }

  #advance(): void {
    while (this.#running < this.#engine.parallel) {
      const waiting = this.#line.next();
      if (waiting === undefined) return;
      clearTimeout(waiting.timer);
      this.#running += 1;
      void this.#run(waiting).finally(() => {
        this.#running -= 1;
        this.#advance();
      });
    }
  }

  /** Never rejects. */
  async #run(waiting: WaitingUtterance): Promise<void> {
    const { samples, options, partial } = waiting;
    const audioSeconds = samples.length / recognizerSampleRate;
    const beganMs = this.#nowMs();
    try {
      const recognition = await this.#engine.recognize(samples, options, waiting.abandoned.signal);
      this.#options.onRecognized?.({
        seconds: (this.#nowMs() - beganMs) / 1000,
        waitedSeconds: (beganMs - waiting.sinceMs) / 1000,
        audioSeconds,
        confidence: recognition.text === "" ? undefined : (recognition.confidence ?? undefined),
        partial,
      });
      for (const { resolve } of waiting.waiters) resolve(recognition);
    } catch (failure) {
      giveUp(waiting, named(failure));
    }
  }
}

function named(failure: unknown): Error {
  const known = failure instanceof PlatformError && keptCodes.has(failure.code);
  return known ? failure : new RecognizerUnavailableError(failure);
}

/** What callers can tell apart; everything else is "not available". */
const keptCodes = new Set(["recognizer_unavailable", "speech_queue_full"]);
