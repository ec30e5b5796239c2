import type { Recognizer } from "../../speech/index.ts";
import type { SessionConfig } from "../events/index.ts";
import type { HeardAudio } from "./hearing.ts";
import { createStableWords } from "./stable-words.ts";
import { createTranscription, type FinalTranscript } from "./transcription.ts";
import type { VoiceClock } from "./voice-clock.ts";

export interface UtteranceParts {
  readonly recognizer: Recognizer;
  readonly transcription: SessionConfig["audio"]["input"]["transcription"];
  /** Whose microphone it is. */
  readonly source: string;
  readonly clock: VoiceClock;
  /** Longest wait for a final transcript, ms. */
  readonly limitMs: number;
  /** @param delta words that are settled and new @param transcript all that was heard so far */
  readonly onPartial: (delta: string, transcript: string) => void;
  /** No partial transcript has come, and it has been speech for so long that it must be words. */
  readonly onSurelySpeech: () => void;
}

/** Something that is being said, and its words as they become known. */
export interface Utterance {
  /** Of the item it will become. */
  readonly itemId: string;
  /** When it began, on the session's clock. */
  readonly onsetAt: number;
  /** The newest partial transcript. */
  readonly words: string;
  readonly partials: number;
  /** After its beginning. */
  readonly firstPartialMs: number | undefined;
  /** One more frame of it was heard: time for a transcript, perhaps. @param read all its audio so far */
  hear(silentMs: number, spokenMs: number, read: () => HeardAudio): void;
  /** @throws {PlatformError} @throws the signal's reason */
  final(audio: HeardAudio): Promise<FinalTranscript>;
  /** What a final transcript adds to the words that were handed on. */
  rest(transcript: string): string;
  /** Nobody wants it any more. */
  abandon(): void;
}

const firstPartialAtMs = 256;
const partialEveryMs = 384;
/** At most this share of a session's time goes into partial transcripts: where many speak, each gets fewer, and final ones do not wait. */
const partialShare = 0.25;
/** A pause so long may be the end: the final transcript is begun. Later where each one is dear. */
const pauseMs = { cheap: 160, dear: 320 };
const surelySpeechMs = 1000;

/** @param spokenMs how long it has been speech already */
export function createUtterance(
  itemId: string,
  spokenMs: number,
  { recognizer, transcription: wanted, source, clock, limitMs, onPartial, onSurelySpeech }: UtteranceParts,
  signal: AbortSignal,
): Utterance {
  const onsetAt = clock.nowMs() - spokenMs;
  const stable = createStableWords();
  const pause = recognizer.partials ? pauseMs.cheap : pauseMs.dear;
  let firstPartialMs: number | undefined;
  let partialAtMs = firstPartialAtMs - partialEveryMs;
  let pauseSeen = false;
  const transcription = createTranscription(
    {
      recognizer,
      language: wanted?.language ?? "tr",
      prompt: wanted?.prompt,
      source,
      nowMs: clock.nowMs,
      limitMs,
      onPartial: (transcript) => {
        firstPartialMs ??= clock.nowMs() - onsetAt;
        onPartial(stable.next(transcript), transcript);
      },
    },
    signal,
  );
  const everyMs = (): number => Math.max(partialEveryMs, transcription.partialTookMs / partialShare);
  return {
    itemId,
    onsetAt,
    get words() {
      return transcription.words;
    },
    get partials() {
      return transcription.partials;
    },
    get firstPartialMs() {
      return firstPartialMs;
    },
    hear: (silentMs, speechMs, read) => {
      if (silentMs === 0) pauseSeen = false;
      if (silentMs >= pause && !pauseSeen) {
        pauseSeen = true;
        transcription.expectEnd(read());
      } else if (silentMs < pause && speechMs - partialAtMs >= everyMs()) {
        partialAtMs = speechMs;
        if (recognizer.partials) transcription.partial(read());
        if (transcription.partials === 0 && speechMs >= surelySpeechMs) onSurelySpeech();
      }
    },
    final: transcription.final,
    rest: stable.rest,
    abandon: transcription.abandon,
  };
}
