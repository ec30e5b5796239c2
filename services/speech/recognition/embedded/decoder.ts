import type { Recognition, RecognizedWord } from "../../recognizer.ts";
import { align, type HeardSymbol } from "./alignment.ts";
import { type Frames, frameMs, likeliest, logProbability } from "./frames.ts";
import { greedySearch } from "./greedy.ts";
import { readLanguageModel } from "./language-model.ts";
import { type BeamSettings, defaultBeam, prefixBeamSearch } from "./prefix-beam.ts";
import { parseTokens } from "./tokens.ts";

/** This recogniser always says how sure it is. */
interface RatedWord extends RecognizedWord {
  readonly confidence: number;
}
export interface RatedRecognition extends Recognition {
  readonly confidence: number;
  readonly words: readonly RatedWord[];
}

/** A letter's frame shows its middle: a word begins a little before its first one and ends a little after its last. */
const edgeMs = 30;

export interface EmbeddedDecoder {
  /**
   * @param logits row-major [frames × symbols], natural logarithms of probabilities, 20 ms a frame
   * @param options.beam search with the language model; without it the likeliest letter of every frame, for partials
   * @throws {RangeError} `symbols` is not the number of tokens, or `logits` has another length
   */
  decode(logits: Float32Array, frames: number, symbols: number, options: { readonly beam: boolean }): RatedRecognition;
}

/**
 * The network's output → text, with each word's time and how sure it is.
 * A word's confidence is the geometric mean of its letters' probabilities, each in its clearest frame: of the sound alone, so a word that the
 * language model bent is less sure. The whole's is the mean over letters; with nothing said, and where the audio
 * is too long to find each word's place (some minutes), the mean probability of each frame's likeliest symbol.
 * @param tokens text of tokens.txt
 * @param languageModel bytes of tr-lm-v1.bin, kept
 * @throws {TypeError} either is not what it should be
 */
export function createEmbeddedDecoder(files: {
  readonly tokens: string;
  readonly languageModel: Uint8Array;
  readonly beam?: BeamSettings;
}): EmbeddedDecoder {
  const tokens = parseTokens(files.tokens);
  const language = readLanguageModel(files.languageModel, tokens.space);
  const settings = files.beam ?? defaultBeam;
  return {
    decode(logits, count, symbols, { beam }) {
      if (symbols !== tokens.symbols.length || logits.length !== count * symbols)
        throw new RangeError(`${logits.length} logits are not ${count} frames of ${tokens.symbols.length} symbols.`);
      const frames: Frames = { logits, count, symbols };
      const transcript = beam ? prefixBeamSearch(frames, tokens, language, settings) : greedySearch(frames, tokens);
      const heard = transcript.length === 0 ? undefined : align(frames, transcript, tokens.blank);
      if (heard === undefined) {
        const text = transcript.map((symbol) => tokens.symbols[symbol]).join("");
        return { text, confidence: clarity(frames), words: [] };
      }
      const words = wordsOf(transcript, heard, tokens.symbols, tokens.space, count * frameMs);
      return { text: words.map(({ text }) => text).join(" "), confidence: meanConfidence(words), words };
    },
  };
}

/** Mean probability of each frame's likeliest symbol. */
function clarity(frames: Frames): number {
  if (frames.count === 0) return 0;
  let sum = 0;
  for (let frame = 0; frame < frames.count; frame++)
    sum += Math.exp(logProbability(frames, frame, likeliest(frames, frame)));
  return Math.min(1, sum / frames.count);
}

function wordsOf(
  transcript: readonly number[],
  heard: readonly HeardSymbol[],
  symbols: readonly string[],
  space: number,
  endMs: number,
): RatedWord[] {
  const words: RatedWord[] = [];
  let from = 0;
  for (let at = 0; at <= transcript.length; at++) {
    if (at < transcript.length && transcript[at] !== space) continue;
    const letters = heard.slice(from, at);
    const first = letters[0];
    const last = letters.at(-1);
    if (first !== undefined && last !== undefined) {
      const mean = letters.reduce((sum, letter) => sum + letter.logProbability, 0) / letters.length;
      words.push({
        text: transcript
          .slice(from, at)
          .map((symbol) => symbols[symbol])
          .join(""),
        startMs: Math.max(words.at(-1)?.endMs ?? 0, first.firstFrame * frameMs - edgeMs),
        endMs: Math.min(endMs, (last.lastFrame + 1) * frameMs + edgeMs),
        confidence: Math.min(1, Math.exp(mean)),
      });
    }
    from = at + 1;
  }
  return words;
}

function meanConfidence(words: readonly RatedWord[]): number {
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  return words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / letters;
}
