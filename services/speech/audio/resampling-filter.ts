/** Low-pass filter of a resampler: `phases` rows of `taps` coefficients, each row with a sum of 1. Read by many, changed by none. */
export interface ResamplingFilter {
  /** Outputs come at multiples of `step / phases` inputs. */
  readonly phases: number;
  readonly step: number;
  readonly taps: number;
  readonly coefficients: Float32Array;
}

// 24 zero crossings a side with β = 6.5: nothing above the new Nyquist frequency comes through louder than −65 dB, and up to 80 % of it
// everything does, within 0.1 dB (tests/unit/speech/audio/resampler.test.ts measures both).
const zeroCrossings = 24;
const beta = 6.5;
const cutoff = 0.905;

/** Finest ratio that is kept exactly: 44 100 → 16 000 needs 160 phases, 11 025 → 48 000 needs 640. */
const maxPhases = 1000;

const filters = new Map<string, ResamplingFilter>();
const maxFilters = 64;

/**
 * The filter between two rates, computed once. Rates with no small common measure get the nearest ratio with up to 1000 phases, at most a
 * millionth off.
 * @param fromHz, toHz integers, 1–768 000
 */
export function resamplingFilter(fromHz: number, toHz: number): ResamplingFilter {
  const name = `${fromHz}>${toHz}`;
  let filter = filters.get(name);
  if (filter === undefined) {
    filter = design(...nearestRatio(fromHz, toHz));
    // Recordings may come with any rate at all.
    if (filters.size >= maxFilters) filters.clear();
    filters.set(name, filter);
  }
  return filter;
}

function design(step: number, phases: number): ResamplingFilter {
  const stretch = Math.max(1, step / phases);
  const half = Math.ceil(zeroCrossings * stretch);
  const taps = 2 * half;
  const coefficients = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const row = coefficients.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = (tap - half + 1 - phase / phases) / stretch;
      const value = sinc(cutoff * distance) * kaiser(distance / zeroCrossings);
      row[tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) row[tap] = (row[tap] as number) / sum;
  }
  return { phases, step, taps, coefficients };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param x -1…1 inside the window */
function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);
}

/** Modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** `[step, phases]`: fromHz ÷ toHz in lowest terms, or the last convergent of its continued fraction that is small enough. */
function nearestRatio(fromHz: number, toHz: number): readonly [number, number] {
  let [before, last] = [
    [0, 1],
    [1, 0],
  ] as [[number, number], [number, number]];
  let [dividend, divisor] = [fromHz, toHz];
  while (divisor !== 0) {
    const whole = Math.floor(dividend / divisor);
    const next: [number, number] = [whole * last[0] + before[0], whole * last[1] + before[1]];
    if (next[1] > maxPhases) break;
    [before, last] = [last, next];
    [dividend, divisor] = [divisor, dividend % divisor];
  }
  return last[0] === 0 ? [1, 1] : last;
}
