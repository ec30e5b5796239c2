import { SynthesizerUnavailableError } from "../errors.ts";
import type { Synthesizer } from "../synthesizer.ts";

/** Refuses every call: speech is switched off, or `cause` says why it cannot be had. */
export function createOffSynthesizer(name = "off", cause?: unknown): Synthesizer {
  const refuse = (): never => {
    throw new SynthesizerUnavailableError(cause);
  };
  return {
    name,
    sampleRate: 24_000,
    voices: ["off"],
    ready: async () => refuse(),
    // biome-ignore lint/correctness/useYield: it refuses before the first sample.
    async *synthesize(_utterance, signal) {
      signal.throwIfAborted();
      refuse();
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
