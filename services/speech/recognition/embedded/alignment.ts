import { type Frames, logProbability } from "./frames.ts";

/** Where a symbol of a transcript was heard. */
export interface HeardSymbol {
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** ln p of the symbol in its clearest frame. */
  readonly logProbability: number;
}

/** Frames × states that are kept at once, a byte each: some two minutes of quick speech. */
const mostSteps = 32_000_000;

/**
 * The likeliest frames of each symbol of a transcript (Viterbi over the CTC paths that spell it).
 * `undefined` where there are too few frames to spell it, or too many to remember.
 */
export function align(frames: Frames, transcript: readonly number[], blank: number): HeardSymbol[] | undefined {
  // States: blank, symbol, blank, symbol, …, blank.
  const states = transcript.length * 2 + 1;
  if (frames.count * states > mostSteps) return undefined;
  const symbolOf = (state: number) => (state % 2 === 0 ? blank : (transcript[(state - 1) / 2] as number));
  /** How many states back each state was reached from: 0, 1 or 2. */
  const steps = new Uint8Array(frames.count * states);
  let scores = new Float64Array(states).fill(Number.NEGATIVE_INFINITY);
  scores[0] = 0;
  for (let frame = 0; frame < frames.count; frame++) {
    const next = new Float64Array(states).fill(Number.NEGATIVE_INFINITY);
    for (let state = 0; state < states; state++) {
      let best = scores[state] as number;
      let step = 0;
      // Before the first frame only the two first states can be entered, both from the first.
      if (state > 0 && (scores[state - 1] as number) > best) [best, step] = [scores[state - 1] as number, 1];
      const skips = state > 2 && state % 2 === 1 && symbolOf(state) !== symbolOf(state - 2);
      if (skips && (scores[state - 2] as number) > best) [best, step] = [scores[state - 2] as number, 2];
      next[state] = best + logProbability(frames, frame, symbolOf(state));
      steps[frame * states + state] = step;
    }
    scores = next;
  }
  let state = states > 1 && (scores[states - 2] as number) > (scores[states - 1] as number) ? states - 2 : states - 1;
  if (scores[state] === Number.NEGATIVE_INFINITY) return undefined;
  const heard: HeardSymbol[] = [];
  for (let frame = frames.count - 1; frame >= 0; frame--) {
    if (state % 2 === 1) {
      const at = (state - 1) / 2;
      const p = logProbability(frames, frame, symbolOf(state));
      const later = heard[at];
      heard[at] = {
        firstFrame: frame,
        lastFrame: later?.lastFrame ?? frame,
        logProbability: Math.max(p, later?.logProbability ?? p),
      };
    }
    state -= steps[frame * states + state] as number;
  }
  return heard;
}
