/** One word of a transcript. */
export interface RecognizedWord {
  readonly text: string;
  /** From the beginning of the samples, ms. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0–1; null: the recogniser says nothing about it. */
  readonly confidence: number | null;
}

export interface Recognition {
  /** Lower case without punctuation where the recogniser gives no more; "" where nothing was said. */
  readonly text: string;
  /** 0–1; of the whole. Null: the recogniser says nothing about it. */
  readonly confidence: number | null;
  /** Empty where the recogniser gives no times. */
  readonly words: readonly RecognizedWord[];
}

export interface RecognitionOptions {
  /** ISO 639-1; default `tr`. */
  readonly language?: string;
  /** Words that are likely, for recognisers that listen to hints. */
  readonly prompt?: string;
  /** Somebody is still speaking: speed counts for more than the last letter. */
  readonly partial?: boolean;
  /** Whose speech it is, such as a session's id: sources take turns, and of one source only the newest partial waits. */
  readonly source?: string;
}

/** Speech → text. */
export interface Recognizer {
  /** What metrics and logs call it: `embedded`, `whisper`, `sherpa`, `http`. */
  readonly name: string;
  /** Whether decoding a growing utterance again and again is cheap enough for partial transcripts. */
  readonly partials: boolean;
  /** Trained on synthetic speech alone: said wherever its transcripts are shown. */
  readonly syntheticOnly: boolean;
  /** Resolves when it can work; the first caller loads it. @throws {RecognizerUnavailableError} */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * @param samples mono, 16 kHz, -1…1; copied or transferred, never kept
   * @throws {RecognizerUnavailableError} missing, crashed, or over its time limit; the next call may find it again
   */
  recognize(samples: Float32Array, options: RecognitionOptions, signal: AbortSignal): Promise<Recognition>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const recognizerSampleRate = 16_000;
