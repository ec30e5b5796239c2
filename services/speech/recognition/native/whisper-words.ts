import type { Recognition, RecognizedWord } from "../../recognizer.ts";

/** A stretch of speech as whisper.cpp tells it. */
export interface WhisperSegment {
  readonly text: string;
  /** From the beginning, ms. */
  readonly t0: number;
  readonly t1: number;
}

/** What Whisper writes where nobody speaks: notes in brackets, and the subtitlers' signature it learnt from Turkish films. */
const notSpeech = /\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪|Altyazı M\.\s?K\.?/gu;

/**
 * Segments → a transcript. Whisper tells no times of words: a segment's time is shared out by the words' lengths. Nor does its binary say how
 * sure it is.
 */
export function whisperRecognition(segments: readonly WhisperSegment[], durationMs: number): Recognition {
  const words = segments.flatMap((segment) => wordsOf(segment, durationMs));
  const text = words.map((word) => word.text).join(" ");
  return text === "" ? { text, confidence: 0, words: [] } : { text, confidence: null, words };
}

function wordsOf({ text, t0, t1 }: WhisperSegment, durationMs: number): RecognizedWord[] {
  const words = text
    .replace(notSpeech, " ")
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const start = Math.min(Math.max(0, t0), durationMs);
  const end = Math.min(Math.max(start, t1), durationMs);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  return words.map((word) => {
    const startMs = Math.round(start + ((end - start) * before) / letters);
    before += word.length;
    return { text: word, startMs, endMs: Math.round(start + ((end - start) * before) / letters), confidence: null };
  });
}
