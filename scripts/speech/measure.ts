import { readFileSync } from "node:fs";
import { readWav } from "../../services/speech/audio/wav-reader.ts";
import { editDistance, recognizerSampleRate } from "../../services/speech/index.ts";
import type { Ctc } from "../../services/speech/worker/ctc.ts";
import type { SpokenUtterance } from "./sets.ts";

/** What came of one utterance. */
export interface Heard {
  readonly utterance: SpokenUtterance;
  readonly transcript: string;
  readonly confidence: number;
  /** Wrong and all letters (spaces count), with the beam and without. */
  readonly letterErrors: number;
  readonly greedyLetterErrors: number;
  readonly letters: number;
  readonly wordErrors: number;
  readonly greedyWordErrors: number;
  readonly words: number;
  /** Processor time ÷ length of the audio: as it is served, and letter by letter. Other work on the machine does not count. */
  readonly realTimeFactor: number;
  readonly greedyRealTimeFactor: number;
}

/** Recognises an utterance twice: as it is served, and letter by letter. */
export async function hear(ctc: Ctc, utterance: SpokenUtterance): Promise<Heard> {
  const samples = samplesOf(utterance.wav);
  const seconds = samples.length / recognizerSampleRate;
  const started = processorSeconds();
  const final = await ctc.recognize(samples.slice());
  const between = processorSeconds();
  const greedy = await ctc.recognize(samples.slice(), false);
  const ended = processorSeconds();
  const words = utterance.text.split(" ");
  return {
    utterance,
    transcript: final.text,
    confidence: final.confidence,
    letterErrors: editDistance([...utterance.text], [...final.text]),
    greedyLetterErrors: editDistance([...utterance.text], [...greedy.text]),
    letters: utterance.text.length,
    wordErrors: editDistance(words, wordsOf(final.text)),
    greedyWordErrors: editDistance(words, wordsOf(greedy.text)),
    words: words.length,
    realTimeFactor: (between - started) / seconds,
    greedyRealTimeFactor: (ended - between) / seconds,
  };
}

/** Of the whole process, its threads included. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function wordsOf(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

/** @throws {RangeError} the file is not at 16 kHz */
function samplesOf(file: string): Float32Array {
  const pieces = [...readWav(readFileSync(file))];
  const rate = pieces[0]?.sampleRate;
  if (rate !== recognizerSampleRate) throw new RangeError(`${file} is at ${rate} Hz; 16,000 was expected.`);
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.samples.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece.samples, at);
    at += piece.samples.length;
  }
  return samples;
}
