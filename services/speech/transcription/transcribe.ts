import { int16ToFloat } from "../audio/samples.ts";
import { type RecognitionOptions, type RecognizedWord, type Recognizer, recognizerSampleRate } from "../recognizer.ts";
import type { VoiceActivity } from "../voice-activity.ts";
import { speechSpans } from "./speech-spans.ts";

/** What was said between two silences. */
export interface TranscriptSegment {
  /** Never empty. */
  readonly text: string;
  /** From the beginning of the recording, ms; so are the words' times. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0–1, the recogniser's own; null: it says nothing about it. */
  readonly confidence: number | null;
  /** 0–1, of the voice activity: how probably it is speech at all. */
  readonly speechProbability: number;
  /** Empty where the recogniser gives no times. */
  readonly words: readonly RecognizedWord[];
}

export interface Listeners {
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
}

/**
 * A recording's transcript, segment by segment as they are recognised: cut at silences into pieces of 20 s at most.
 * @param samples mono, 16 kHz
 * @throws {RecognizerUnavailableError} @throws {VoiceActivityUnavailableError}
 */
export async function* transcribe(
  samples: Int16Array,
  { recognizer, voiceActivity }: Listeners,
  options: Pick<RecognitionOptions, "language" | "prompt">,
  signal: AbortSignal,
): AsyncGenerator<TranscriptSegment> {
  await Promise.all([recognizer.ready(signal), voiceActivity.ready(signal)]);
  for await (const { from, to, speechProbability } of speechSpans(samples, voiceActivity, signal)) {
    const { text, confidence, words } = await recognizer.recognize(
      int16ToFloat(samples.subarray(from, to)),
      options,
      signal,
    );
    if (text === "") continue;
    const startMs = toMs(from);
    yield {
      text,
      confidence,
      speechProbability,
      startMs,
      endMs: toMs(to),
      words: words.map((word) => ({ ...word, startMs: startMs + word.startMs, endMs: startMs + word.endMs })),
    };
  }
}

function toMs(samples: number): number {
  return Math.round((1000 * samples) / recognizerSampleRate);
}
