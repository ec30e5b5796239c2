import type { Synthesizer, Utterance } from "../synthesizer.ts";
import type { MadeSpeech } from "./hear-again.ts";

export interface SynthesizerWatch {
  readonly nowMs: () => number;
  /** A piece of speech is made; the time its listener took for it is not counted. */
  readonly onSpoken: (seconds: number) => void;
  /** Share of the pieces whose samples are kept for `onSample`, 0–1. */
  readonly sampleShare: number;
  /** 0 ≤ n < 1 */
  readonly chance: () => number;
  readonly onSample: (speech: MadeSpeech) => void;
}

/** The same promise, watched. Pieces that fail or are broken off are not told of. */
export function measuredSynthesizer(synthesizer: Synthesizer, watch: SynthesizerWatch): Synthesizer {
  async function* synthesize(utterance: Utterance, signal: AbortSignal): AsyncGenerator<Int16Array> {
    const pieces: Int16Array[] | undefined = watch.chance() < watch.sampleShare ? [] : undefined;
    const speech = synthesizer.synthesize(utterance, signal)[Symbol.asyncIterator]();
    let tookMs = 0;
    try {
      for (;;) {
        const begunMs = watch.nowMs();
        const next = await speech.next();
        tookMs += watch.nowMs() - begunMs;
        if (next.done === true) break;
        pieces?.push(next.value.slice());
        yield next.value;
      }
    } finally {
      await speech.return?.();
    }
    watch.onSpoken(tookMs / 1000);
    if (pieces !== undefined) watch.onSample({ text: utterance.text, pieces, sampleRate: synthesizer.sampleRate });
  }
  return {
    name: synthesizer.name,
    get sampleRate() {
      return synthesizer.sampleRate;
    },
    get voices() {
      return synthesizer.voices;
    },
    ready: (signal) => synthesizer.ready(signal),
    synthesize,
    [Symbol.asyncDispose]: () => synthesizer[Symbol.asyncDispose](),
  };
}
