import type { Recognition, RecognizedWord } from "../../recognizer.ts";

/** What sherpa-onnx says of an utterance; some models leave the lists empty. */
export interface SherpaResult {
  readonly text: string;
  readonly tokens?: readonly string[];
  /** When each token begins, s. */
  readonly timestamps?: readonly number[];
  /** Logarithm of each token's probability. */
  readonly ys_log_probs?: readonly number[];
}

/** Where the end of a word's last token is not known: about a syllable. */
const lastTokenMs = 80;

/** sherpa-onnx's result → a transcript: tokens become words, their probabilities confidences. */
export function sherpaRecognition(result: SherpaResult, durationMs: number): Recognition {
  const text = result.text.trim().replace(/\s+/g, " ");
  if (text === "") return { text, confidence: 0, words: [] };
  const { tokens = [], timestamps = [], ys_log_probs: logs = [] } = result;
  const rated = tokens.length > 0 && logs.length === tokens.length;
  const timed = tokens.length > 0 && timestamps.length === tokens.length;
  const words = timed ? wordsOf(tokens, timestamps, rated ? logs : undefined, durationMs) : [];
  // Byte-level tokens spell letters in pieces; their words would not be the transcript's.
  const spelt = words.map((word) => word.text).join(" ") === text;
  return { text, confidence: rated ? probability(logs) : null, words: spelt ? words : [] };
}

function wordsOf(
  tokens: readonly string[],
  timestamps: readonly number[],
  logs: readonly number[] | undefined,
  durationMs: number,
): RecognizedWord[] {
  const words: { text: string; startMs: number; endMs: number; logs: number[] }[] = [];
  let between = true;
  for (const [index, token] of tokens.entries()) {
    const spelling = token.replace(/^[▁\s]+/u, "");
    const startMs = Math.round((timestamps[index] ?? 0) * 1000);
    if (spelling !== token) between = true;
    if (spelling === "") continue;
    const word = between ? { text: "", startMs, endMs: 0, logs: [] } : words.at(-1);
    if (word === undefined) continue;
    if (between) words.push(word);
    between = false;
    word.text += spelling.trimEnd();
    word.endMs = Math.round((timestamps[index + 1] ?? (startMs + lastTokenMs) / 1000) * 1000);
    if (logs !== undefined) word.logs.push(logs[index] ?? 0);
  }
  return words.map(({ text, startMs, endMs, logs: own }) => ({
    text,
    startMs,
    endMs: Math.max(startMs, Math.min(endMs, Math.max(durationMs, startMs))),
    confidence: own.length === 0 ? null : probability(own),
  }));
}

/** Geometric mean. @param logs of probabilities, at least one */
function probability(logs: readonly number[]): number {
  return Math.min(1, Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length));
}
