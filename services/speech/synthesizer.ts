export interface Utterance {
  /** Plain text as it is to be read aloud: numbers, dates and abbreviations already in words. */
  readonly text: string;
  /** One of the synthesiser's voices; default its first. */
  readonly voice?: string;
  /** Speaking rate, 1 = the voice's own; 0.25–4. */
  readonly speed?: number;
  /** Relative pitch, 1 = the voice's own; 0.5–2. */
  readonly pitch?: number;
  /** Relative loudness, 1 = the voice's own; 0–2. */
  readonly volume?: number;
}

/** Text → speech. */
export interface Synthesizer {
  /** What metrics and logs call it: `embedded`, `sherpa`, `http`. */
  readonly name: string;
  /** Hz of the samples it gives. */
  readonly sampleRate: number;
  /** At least one. */
  readonly voices: readonly string[];
  /** Resolves when it can work; the first caller loads it. @throws {SynthesizerUnavailableError} */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * Mono 16-bit samples, in pieces as they come. Ends within 20 ms of the signal, with its reason thrown.
   * @throws {VoiceUnknownError} no such voice
   * @throws {SynthesizerUnavailableError} missing, crashed, or over its time limit; the next call may find it again
   */
  synthesize(utterance: Utterance, signal: AbortSignal): AsyncIterable<Int16Array>;
  [Symbol.asyncDispose](): Promise<void>;
}
