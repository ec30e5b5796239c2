import type { Synthesizer } from "../synthesizer.ts";

export interface SpeechDefaults {
  /** "": the synthesiser's first. */
  readonly voice: string;
  readonly speed: number;
}

/** The same synthesiser, with a voice and a speed where an utterance names none. */
export function withDefaults(synthesizer: Synthesizer, { voice, speed }: SpeechDefaults): Synthesizer {
  return {
    name: synthesizer.name,
    get sampleRate() {
      return synthesizer.sampleRate;
    },
    voices: synthesizer.voices,
    ready: (signal) => synthesizer.ready(signal),
    synthesize: (utterance, signal) =>
      synthesizer.synthesize({ speed, ...(voice === "" ? {} : { voice }), ...utterance }, signal),
    [Symbol.asyncDispose]: () => synthesizer[Symbol.asyncDispose](),
  };
}
