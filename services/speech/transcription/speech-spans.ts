import { setImmediate as turn } from "node:timers/promises";
import { int16ToFloat } from "../audio/samples.ts";
import { recognizerSampleRate } from "../recognizer.ts";
import { type VoiceActivity, voiceFrameSamples } from "../voice-activity.ts";

/** A stretch of a recording in which somebody speaks. */
export interface SpeechSpan {
  /** Samples from the beginning of the recording; `to` is excluded. */
  readonly from: number;
  readonly to: number;
  /** Mean probability of speech in it, 0–1. */
  readonly speechProbability: number;
}

const startThreshold = 0.5;
const endThreshold = 0.35;
/** So much silence is the end of a span… */
const pauseFrames = 16;
/** …and so much of it, on either side, stays with the speech: consonants begin and end softly. */
const marginFrames = 6;
/** Recognisers are trained on so much at most; longer speech is cut where it is quietest. */
const longestFrames = Math.floor((20 * recognizerSampleRate) / voiceFrameSamples);
const framesAtOnce = 32;

/**
 * Where somebody speaks, in order: spans of 20 s at most that begin and end in silence where there is any.
 * @param samples mono, 16 kHz
 * @throws {VoiceActivityUnavailableError}
 */
export async function* speechSpans(
  samples: Int16Array,
  voiceActivity: VoiceActivity,
  signal: AbortSignal,
): AsyncGenerator<SpeechSpan> {
  const finder = new SpanFinder();
  const stream = voiceActivity.open();
  try {
    for (let at = 0; at < samples.length; at += framesAtOnce * voiceFrameSamples) {
      signal.throwIfAborted();
      const part = samples.subarray(at, at + framesAtOnce * voiceFrameSamples);
      const frames = new Float32Array(Math.ceil(part.length / voiceFrameSamples) * voiceFrameSamples);
      frames.set(int16ToFloat(part));
      for (const probability of await stream.feed(frames)) yield* inSamples(finder.push(probability), samples.length);
      // Voice activity may answer without ever letting go of this thread.
      await turn();
    }
    yield* inSamples(finder.end(), samples.length);
  } finally {
    stream.close();
  }
}

interface FrameSpan {
  readonly from: number;
  readonly to: number;
  readonly speechProbability: number;
}

function* inSamples(spans: readonly FrameSpan[], length: number): Generator<SpeechSpan> {
  for (const { from, to, speechProbability } of spans)
    yield { from: from * voiceFrameSamples, to: Math.min(length, to * voiceFrameSamples), speechProbability };
}

class SpanFinder {
  /** Probabilities of the frames since the last span's end. */
  #frames: number[] = [];
  /** Number of the first of them. */
  #base = 0;
  /** Place in `#frames` where the speech began; undefined: nobody speaks. */
  #start: number | undefined;
  #quiet = 0;

  push(probability: number): readonly FrameSpan[] {
    this.#frames.push(probability);
    if (this.#start === undefined) {
      if (probability >= startThreshold) this.#start = Math.max(0, this.#frames.length - 1 - marginFrames);
      // Silence is not kept for longer than the next span may want of it.
      else if (this.#frames.length > marginFrames) this.#drop(this.#frames.length - marginFrames);
      return [];
    }
    this.#quiet = probability < endThreshold ? this.#quiet + 1 : 0;
    if (this.#quiet >= pauseFrames) return this.#finish(this.#frames.length - this.#quiet + marginFrames);
    if (this.#frames.length - this.#start >= longestFrames) return [this.#cut()];
    return [];
  }

  end(): readonly FrameSpan[] {
    return this.#start === undefined
      ? []
      : this.#finish(Math.min(this.#frames.length, this.#frames.length - this.#quiet + marginFrames));
  }

  #finish(to: number): readonly FrameSpan[] {
    const span = this.#span(to);
    this.#start = undefined;
    this.#quiet = 0;
    return [span];
  }

  /** In the middle of speech: at the quietest frame of the second half; the speech goes on behind it. */
  #cut(): FrameSpan {
    let quietest = this.#frames.length - 1;
    for (let at = quietest; at >= this.#frames.length - longestFrames / 2; at--)
      if ((this.#frames[at] as number) < (this.#frames[quietest] as number)) quietest = at;
    const span = this.#span(quietest + 1);
    this.#start = 0;
    return span;
  }

  #span(to: number): FrameSpan {
    const from = this.#start ?? 0;
    const probabilities = this.#frames.slice(from, to);
    const sum = probabilities.reduce((total, probability) => total + probability, 0);
    const span = {
      from: this.#base + from,
      to: this.#base + to,
      speechProbability: sum / Math.max(1, probabilities.length),
    };
    this.#drop(to);
    return span;
  }

  #drop(frames: number): void {
    this.#frames = this.#frames.slice(frames);
    this.#base += frames;
  }
}
