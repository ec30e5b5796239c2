import { deflateSync } from "node:zlib";
import type { Recognizer, TranscriptSegment } from "../speech/index.ts";
import type { TranscriptionForm } from "./audio-transcription-form.ts";

/** A recording and what was said in it. */
export interface Transcript {
  readonly durationS: number;
  readonly segments: readonly TranscriptSegment[];
  readonly recognizer: Pick<Recognizer, "name" | "syntheticOnly">;
}

export function textOf(segments: readonly TranscriptSegment[]): string {
  return segments.map(({ text }) => text).join(" ");
}

/** OpenAI's `json`. */
export function renderTranscript(transcript: Transcript) {
  return { text: textOf(transcript.segments), usage: usageOf(transcript), ...factsOf(transcript) };
}

/** OpenAI's `verbose_json`. What Whisper alone has, tokens and seek points, is left empty. */
export function renderVerboseTranscript(
  transcript: Transcript,
  { language = "tr", lists }: Pick<TranscriptionForm, "language" | "lists">,
) {
  const { durationS, segments } = transcript;
  return {
    task: "transcribe" as const,
    language: language === "tr" ? "turkish" : language,
    duration: rounded(durationS),
    text: textOf(segments),
    ...(lists.segments ? { segments: segments.map(renderSegment) } : {}),
    ...(lists.words ? { words: segments.flatMap(({ words }) => words.map(renderWord)) } : {}),
    usage: usageOf(transcript),
    ...factsOf(transcript),
  };
}

/** Events of a transcript that is sent while it is made. */
export function renderTranscriptDelta(segment: TranscriptSegment, isFirst: boolean) {
  return { type: "transcript.text.delta" as const, delta: isFirst ? segment.text : ` ${segment.text}` };
}
export function renderTranscriptDone(transcript: Transcript) {
  return { type: "transcript.text.done" as const, ...renderTranscript(transcript) };
}

function renderSegment({ text, startMs, endMs, confidence, speechProbability }: TranscriptSegment, id: number) {
  return {
    id,
    seek: 0,
    start: rounded(startMs / 1000),
    end: rounded(endMs / 1000),
    text,
    tokens: [],
    temperature: 0,
    // The recogniser's own confidence, said as Whisper says it; null where it tells none, as everywhere here.
    avg_logprob: confidence === null ? null : rounded(Math.log(Math.max(confidence, 1e-6))),
    compression_ratio: rounded(Buffer.byteLength(text) / deflateSync(text).length),
    no_speech_prob: rounded(1 - speechProbability),
    x_confidence: share(confidence),
  };
}

function renderWord({ text, startMs, endMs, confidence }: TranscriptSegment["words"][number]) {
  return { word: text, start: rounded(startMs / 1000), end: rounded(endMs / 1000), x_confidence: share(confidence) };
}

function usageOf({ durationS }: Transcript) {
  return { type: "duration" as const, seconds: Math.ceil(durationS) };
}

function factsOf({ segments, recognizer }: Transcript) {
  return {
    x_recognizer: recognizer.name,
    x_synthetic_only: recognizer.syntheticOnly,
    x_confidence: share(confidenceOf(segments)),
  };
}

/** Of all that was rated: long segments count for more. Null: nothing was. */
function confidenceOf(segments: readonly TranscriptSegment[]): number | null {
  const weighted = segments.flatMap(({ confidence, startMs, endMs }) =>
    confidence === null ? [] : [{ confidence, ms: Math.max(1, endMs - startMs) }],
  );
  const ms = weighted.reduce((sum, one) => sum + one.ms, 0);
  return ms === 0 ? null : weighted.reduce((sum, one) => sum + one.confidence * one.ms, 0) / ms;
}

function share(confidence: number | null): number | null {
  return confidence === null ? null : rounded(confidence);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
