import { recognizerSampleRate } from "../../speech/index.ts";
import { joinSamples } from "./join-samples.ts";

const samplesPerMs = recognizerSampleRate / 1000;

/** The audio that was heard and not committed yet: 16 kHz, mono, -1…1. Its times are those of the session's whole input. */
export interface UtteranceBuffer {
  readonly startMs: number;
  readonly endMs: number;
  push(samples: Float32Array): void;
  /** Forgets all but the last `ms`, give or take one push. */
  keepLast(ms: number): void;
  /** All of it, as a copy. */
  read(): Float32Array<ArrayBuffer>;
  clear(): void;
}

export function createUtteranceBuffer(): UtteranceBuffer {
  const pieces: Float32Array[] = [];
  let length = 0;
  /** Samples heard since the session began. */
  let heard = 0;
  return {
    get startMs() {
      return Math.round((heard - length) / samplesPerMs);
    },
    get endMs() {
      return Math.round(heard / samplesPerMs);
    },
    push: (samples) => {
      pieces.push(samples);
      length += samples.length;
      heard += samples.length;
    },
    keepLast: (ms) => {
      const wanted = ms * samplesPerMs;
      let first = pieces[0];
      while (first !== undefined && length - first.length >= wanted) {
        pieces.shift();
        length -= first.length;
        first = pieces[0];
      }
    },
    read: () => joinSamples(pieces),
    clear: () => {
      pieces.length = 0;
      length = 0;
    },
  };
}
