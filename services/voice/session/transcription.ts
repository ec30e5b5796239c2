import { orAbort, PlatformError, within } from "../../foundation/index.ts";
import { type Recognition, type Recognizer, RecognizerUnavailableError } from "../../speech/index.ts";
import type { HeardAudio } from "./hearing.ts";

export interface TranscriptionParts {
  readonly recognizer: Recognizer;
  readonly language: string;
  readonly prompt: string | undefined;
  /** Whose microphone it is: sessions take turns at the recogniser. */
  readonly source: string;
  readonly nowMs: () => number;
  /** Longest wait for a final transcript, ms. */
  readonly limitMs: number;
  /** All that was heard so far, while it is being said. */
  readonly onPartial: (transcript: string) => void;
}

export interface FinalTranscript {
  readonly recognition: Recognition;
  /** How long the recogniser took, ms. */
  readonly tookMs: number;
}

/** The words of one utterance, while it grows and when it has ended. */
export interface Transcription {
  /** The newest partial transcript. */
  readonly words: string;
  readonly partials: number;
  /** How long the newest one took, ms: where the recogniser is busy, that says how busy. */
  readonly partialTookMs: number;
  /** Begins one, unless one is under way or there is nothing new to hear. */
  partial(audio: HeardAudio): void;
  /** Somebody pauses, perhaps for good: begins the final transcript before the turn is known to be over. */
  expectEnd(audio: HeardAudio): void;
  /** @throws {PlatformError} whatever the recogniser throws, typed @throws the signal's reason */
  final(audio: HeardAudio): Promise<FinalTranscript>;
  /** Nobody wants it any more. */
  abandon(): void;
}

/** The final transcript of an utterance that may have ended. */
interface ExpectedEnd {
  readonly spokenFrames: number;
  readonly givenUp: AbortController;
  readonly work: Promise<FinalTranscript>;
}

/** Longer utterances get no partial transcripts: each would decode them from the beginning. */
const longestPartialMs = 30_000;

export function createTranscription(parts: TranscriptionParts, leaving: AbortSignal): Transcription {
  const { recognizer, language, prompt, source, nowMs } = parts;
  const ending = new AbortController();
  const either = AbortSignal.any([leaving, ending.signal]);
  const hints = { language, source, ...(prompt === undefined ? {} : { prompt }) };
  let words = "";
  let partials = 0;
  let partialTookMs = 0;
  let busy = false;
  let heardFrames = -1;
  let expected: ExpectedEnd | undefined;

  const recognise = async (
    samples: Float32Array,
    partial: boolean,
    signal: AbortSignal = either,
  ): Promise<FinalTranscript> => {
    const begun = nowMs();
    const work = recognizer.recognize(samples, { ...hints, ...(partial ? { partial } : {}) }, signal);
    const timely = within(parts.limitMs, work, () => new RecognizerUnavailableError());
    const recognition = await orAbort(timely, signal);
    return { recognition, tookMs: nowMs() - begun };
  };
  const decodePartial = async (audio: HeardAudio): Promise<void> => {
    busy = true;
    try {
      const { recognition, tookMs } = await recognise(audio.samples, true);
      partialTookMs = tookMs;
      if (ended) return;
      partials++;
      words = recognition.text;
      parts.onPartial(words);
    } catch {
      // The final transcript will fail too, and says why.
    } finally {
      busy = false;
    }
  };
  let ended = false;

  return {
    get words() {
      return words;
    },
    get partials() {
      return partials;
    },
    get partialTookMs() {
      return partialTookMs;
    },
    partial: (audio) => {
      const { spokenFrames, startMs, endMs } = audio;
      if (!recognizer.partials || busy || spokenFrames === heardFrames || endMs - startMs > longestPartialMs) return;
      heardFrames = spokenFrames;
      void decodePartial(audio);
    },
    expectEnd: ({ samples, spokenFrames }) => {
      // A pause that was none: its transcript would only keep the next one waiting.
      expected?.givenUp.abort();
      const givenUp = new AbortController();
      const work = recognise(samples, false, AbortSignal.any([either, givenUp.signal]));
      expected = { spokenFrames, givenUp, work };
      work.then(
        ({ recognition }) => {
          if (ended || givenUp.signal.aborted) return;
          words = recognition.text;
          parts.onPartial(words);
        },
        // Awaited in `final`, or by nobody.
        () => {},
      );
    },
    final: async (audio) => {
      ended = true;
      const isExpected = expected?.spokenFrames === audio.spokenFrames;
      if (!isExpected) expected?.givenUp.abort();
      const early = isExpected ? await expected?.work.catch(() => undefined) : undefined;
      return early ?? (await recognise(audio.samples, false).catch((failure: unknown) => typed(failure, either)));
    },
    abandon: () => {
      ended = true;
      ending.abort();
    },
  };
}

function typed(failure: unknown, signal: AbortSignal): never {
  signal.throwIfAborted();
  throw failure instanceof PlatformError ? failure : new RecognizerUnavailableError(failure);
}
