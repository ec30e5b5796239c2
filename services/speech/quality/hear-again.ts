import { resampled } from "../audio/resampler.ts";
import { int16ToFloat } from "../audio/samples.ts";
import { type Recognizer, recognizerSampleRate } from "../recognizer.ts";
import { type HeardShares, heardShares } from "./heard-shares.ts";

/** Speech that was made: what was to be said, and its samples. */
export interface MadeSpeech {
  readonly text: string;
  readonly pieces: readonly Int16Array[];
  readonly sampleRate: number;
}

/** Shorter says nothing about a voice, longer takes the recogniser from those who speak. */
const leastS = 0.5;
const mostS = 15;
const limitMs = 30_000;

/**
 * Lets a recogniser hear what was synthesised, one at a time and behind everybody who really speaks: it waits as a partial transcript does,
 * and what comes while one is heard is left out. Never fails.
 */
export function createHearAgain(
  recognizer: Pick<Recognizer, "recognize">,
  onHeard: (shares: HeardShares) => void,
): (speech: MadeSpeech) => Promise<void> {
  let busy = false;
  return async ({ text, pieces, sampleRate }) => {
    const samples = pieces.reduce((sum, { length }) => sum + length, 0);
    if (busy || samples < leastS * sampleRate || samples > mostS * sampleRate) return;
    busy = true;
    try {
      const whole = new Int16Array(samples);
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      const audio = resampled(int16ToFloat(whole), sampleRate, recognizerSampleRate);
      const options = { partial: true, source: "speech-quality" };
      const { text: heard } = await recognizer.recognize(audio, options, AbortSignal.timeout(limitMs));
      const shares = heardShares(text, heard);
      if (shares !== undefined) onHeard(shares);
    } catch {
      // It was nobody's request; a recogniser that is away is told of where somebody needs it.
    } finally {
      busy = false;
    }
  };
}
