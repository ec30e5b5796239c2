/** Tells speech from everything else, frame by frame. */
export interface VoiceActivity {
  /** Resolves when it can work; the first caller loads it. @throws {VoiceActivityUnavailableError} */
  ready(signal?: AbortSignal): Promise<void>;
  /** A stream of its own for one microphone; close it when the microphone is gone. */
  open(): VoiceActivityStream;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface VoiceActivityStream {
  /**
   * @param samples 16 kHz mono, -1…1; a whole number of frames of `voiceFrameSamples`
   * @returns the probability of speech in each frame, 0–1
   * @throws {VoiceActivityUnavailableError}
   */
  feed(samples: Float32Array): Promise<Float32Array>;
  /** Forgets what was heard. */
  reset(): void;
  close(): void;
}

/** 32 ms at 16 kHz. */
export const voiceFrameSamples = 512;
