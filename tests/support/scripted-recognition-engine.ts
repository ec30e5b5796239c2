import type { Recognition, RecognitionOptions } from "../../services/speech/index.ts";
import type { RecognitionEngine } from "../../services/speech/recognition/recognition-engine.ts";
import { deferred } from "./macrotask.ts";

export interface Asked {
  /** The first sample, by which tests tell utterances apart. */
  readonly first: number;
  readonly options: RecognitionOptions;
  readonly signal: AbortSignal;
  /** @param confidence default 0.8 */
  answer(text: string, confidence?: number | null): void;
  fail(failure: unknown): void;
}

/** A recogniser that answers when the test says so. */
export function scriptedRecognitionEngine(parallel = 1, ready: () => Promise<void> = async () => {}) {
  const asked: Asked[] = [];
  let closed = false;
  const engine: RecognitionEngine = {
    name: "scripted",
    partials: true,
    syntheticOnly: false,
    parallel,
    ready,
    recognize(samples, options, signal) {
      const answer = deferred<Recognition>();
      asked.push({
        first: Math.round((samples[0] ?? 0) * 1000) / 1000,
        options,
        signal,
        answer: (text, confidence = 0.8) => answer.resolve({ text, confidence, words: [] }),
        fail: answer.reject,
      });
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
  return { engine, asked, closed: () => closed };
}
