import type { Recognition, RecognizedWord } from "../recognizer.ts";

/** What an OpenAI-compatible server answers to `verbose_json`, as far as servers agree; `json` has the text alone. */
interface Transcription {
  readonly text?: unknown;
  readonly words?: unknown;
  readonly segments?: unknown;
}
interface Word {
  readonly word?: unknown;
  readonly start?: unknown;
  readonly end?: unknown;
  /** Some servers rate their words. */
  readonly probability?: unknown;
  readonly confidence?: unknown;
}
interface Segment {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly avg_logprob?: unknown;
  readonly words?: unknown;
}

/** A server's transcription → ours. @returns undefined where the answer is none */
export function httpRecognition(answer: unknown): Recognition | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { text: said, words: listed, segments: told } = answer as Transcription;
  if (typeof said !== "string") return undefined;
  const text = said.trim().replace(/\s+/g, " ");
  if (text === "") return { text, confidence: 0, words: [] };
  const segments = list<Segment>(told);
  const found = list<Word>(listed);
  const words = (found.length > 0 ? found : segments.flatMap((segment) => list<Word>(segment.words))).flatMap(wordOf);
  const ratings = words.flatMap(({ rating }) => (rating === undefined ? [] : [rating]));
  const confidence = ratings.length === words.length && words.length > 0 ? mean(ratings) : ofSegments(segments);
  return {
    text,
    confidence: confidence ?? null,
    words: words.map(({ word, rating }) => ({ ...word, confidence: rating ?? confidence ?? null })),
  };
}

function wordOf(said: Word): { word: Omit<RecognizedWord, "confidence">; rating: number | undefined }[] {
  const { word, start, end, probability, confidence } = said;
  if (typeof word !== "string" || !isTime(start) || !isTime(end) || word.trim() === "") return [];
  const rating = [probability, confidence].find((one) => typeof one === "number" && one >= 0 && one <= 1);
  const times = { startMs: Math.round(start * 1000), endMs: Math.round(Math.max(start, end) * 1000) };
  return [{ word: { text: word.trim(), ...times }, rating: rating as number | undefined }];
}

/** Whisper rates segments by the mean logarithm of their tokens' probabilities; long ones count for more. */
function ofSegments(segments: readonly Segment[]): number | undefined {
  let weighted = 0;
  let seconds = 0;
  for (const { start, end, avg_logprob: log } of segments) {
    if (!isTime(start) || !isTime(end) || typeof log !== "number" || !(log <= 0)) continue;
    const length = Math.max(end - start, 0.01);
    weighted += Math.exp(log) * length;
    seconds += length;
  }
  return seconds === 0 ? undefined : weighted / seconds;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function list<T extends object>(value: unknown): T[] {
  return Array.isArray(value) ? value.filter((one): one is T => typeof one === "object" && one !== null) : [];
}
