import { type ResamplingFilter, resamplingFilter } from "./resampling-filter.ts";

/**
 * Changes the rate of one mono stream, piece by piece, as if it came at once: polyphase windowed sinc.
 * Ours because libsamplerate's WASM takes 9 ms and 1.6 MB a stream and cannot give out a stream's last samples; this one takes neither.
 */
export class Resampler {
  readonly fromHz: number;
  readonly toHz: number;
  readonly #filter: ResamplingFilter;
  /** The newest inputs, oldest first: what the next output may still look at. */
  #kept: Float32Array;
  /** Where the next output lies: so many phases behind the filter's place over the beginning of `#kept`. */
  #at = 0;
  #inputs = 0;
  #outputs = 0;

  /** @param fromHz, toHz 1–768 000 */
  constructor(fromHz: number, toHz: number) {
    this.fromHz = fromHz;
    this.toHz = toHz;
    this.#filter = resamplingFilter(fromHz, toHz);
    // Silence before the beginning puts the first output over the first input: the stream is not shifted.
    this.#kept = new Float32Array(this.#filter.taps / 2 - 1);
  }

  /** @returns what can be given so far; it lags 24 samples of the lower rate behind. The same array where the rates are equal. */
  push(samples: Float32Array): Float32Array {
    if (this.fromHz === this.toHz) return samples;
    this.#inputs += samples.length;
    return this.#run(samples);
  }

  /** The last samples; afterwards the stream begins anew. What came out is then as long as what went in, to the nearest sample. */
  flush(): Float32Array {
    if (this.fromHz === this.toHz) return new Float32Array(0);
    const { taps, phases, step } = this.#filter;
    const due = Math.round((this.#inputs * phases) / step) - this.#outputs;
    const rest = this.#run(new Float32Array(taps)).subarray(0, Math.max(0, due));
    this.#kept = new Float32Array(taps / 2 - 1);
    this.#at = 0;
    this.#inputs = 0;
    this.#outputs = 0;
    return rest;
  }

  #run(samples: Float32Array): Float32Array {
    const { taps, phases, step, coefficients } = this.#filter;
    const input = new Float32Array(this.#kept.length + samples.length);
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    // Output n looks at the inputs from ⌊n·step/phases⌋ on, all of which must be there.
    const last = (input.length - taps + 1) * phases - 1 - this.#at;
    const output = new Float32Array(last < 0 ? 0 : Math.floor(last / step) + 1);
    let at = this.#at;
    for (let n = 0; n < output.length; n++, at += step) {
      const phase = at % phases;
      const from = (at - phase) / phases;
      let row = phase * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += (coefficients[row++] as number) * (input[from + tap] as number);
      output[n] = sum;
    }
    this.#outputs += output.length;
    const done = Math.min(input.length, Math.floor(at / phases));
    this.#kept = input.slice(done);
    this.#at = at - done * phases;
    return output;
  }
}

/** A whole recording at another rate. */
export function resampled(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz) return samples;
  const resampler = new Resampler(fromHz, toHz);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const whole = new Float32Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
