import { asPlatformError } from "../../http-kit/index.ts";
import type { RecognizedWord } from "../../speech/index.ts";
import { renderErrorEvent, type ServerEvent } from "../events/index.ts";

type Send = (event: ServerEvent) => void;

export interface ToldPartial {
  /** Words that were not handed on before. */
  readonly delta: string;
  /** All that was heard so far. */
  readonly text: string;
  readonly syntheticOnly: boolean;
}

/** What of an utterance is understood while it is said. */
export function tellPartial(itemId: string, { delta, text, syntheticOnly }: ToldPartial, send: Send): void {
  send({
    type: "conversation.item.input_audio_transcription.delta",
    item_id: itemId,
    content_index: 0,
    delta,
    x_transcript: text,
    x_synthetic_only: syntheticOnly,
  });
}

export interface ToldTranscript extends ToldPartial {
  readonly confidence: number | null;
  readonly words: readonly RecognizedWord[];
  /** Where the audio that the words' times count from begins, in all that was heard, ms. */
  readonly startMs: number;
  /** Length of the audio, ms. */
  readonly audioMs: number;
}

/** What was understood of it in the end. */
export function tellTranscript(itemId: string, told: ToldTranscript, send: Send): void {
  const { text, confidence, words, syntheticOnly, startMs, audioMs } = told;
  if (told.delta !== "") tellPartial(itemId, told, send);
  send({
    type: "conversation.item.input_audio_transcription.completed",
    item_id: itemId,
    content_index: 0,
    transcript: text,
    usage: { type: "duration", seconds: Math.round(audioMs) / 1000 },
    x_confidence: confidence,
    x_words: words.map((word) => ({
      text: word.text,
      start_ms: startMs + word.startMs,
      end_ms: startMs + word.endMs,
      confidence: word.confidence,
    })),
    x_synthetic_only: syntheticOnly,
  });
}

/** Why nothing was. */
export function tellTranscriptFailure(itemId: string, failure: unknown, send: Send): void {
  const { event_id: _, ...error } = renderErrorEvent(asPlatformError(failure)).error;
  send({
    type: "conversation.item.input_audio_transcription.failed",
    item_id: itemId,
    content_index: 0,
    error,
  });
}
