import { asPlatformError } from "../../http-kit/index.ts";
import { renderErrorEvent, type ServerEvent } from "../events/index.ts";

type Send = (event: ServerEvent) => void;

/** What of an utterance is understood while it is said. */
export function tellPartial(itemId: string, delta: string, transcript: string, send: Send): void {
  send({
    type: "conversation.item.input_audio_transcription.delta",
    item_id: itemId,
    content_index: 0,
    delta,
    x_transcript: transcript,
  });
}

export interface ToldTranscript {
  readonly text: string;
  readonly confidence: number;
  readonly syntheticOnly: boolean;
  /** Length of the audio, ms. */
  readonly audioMs: number;
  /** Words that were not handed on before. */
  readonly delta: string;
}

/** What was understood of it in the end. */
export function tellTranscript(itemId: string, told: ToldTranscript, send: Send): void {
  const { text, confidence, syntheticOnly, audioMs, delta } = told;
  if (delta !== "") tellPartial(itemId, delta, text, send);
  send({
    type: "conversation.item.input_audio_transcription.completed",
    item_id: itemId,
    content_index: 0,
    transcript: text,
    usage: { type: "duration", seconds: Math.round(audioMs) / 1000 },
    x_confidence: confidence,
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
