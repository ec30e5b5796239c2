/** What the network says about an utterance. */
export interface Frames {
  /** Row-major [count × symbols], natural logarithms of probabilities. */
  readonly logits: Float32Array;
  readonly count: number;
  readonly symbols: number;
}

/** From one frame's beginning to the next one's. */
export const frameMs = 20;

/** ln p of a symbol in a frame. */
export function logProbability({ logits, symbols }: Frames, frame: number, symbol: number): number {
  return logits[frame * symbols + symbol] as number;
}

/** The likeliest symbol of a frame. */
export function likeliest(frames: Frames, frame: number): number {
  let best = 0;
  for (let symbol = 1; symbol < frames.symbols; symbol++)
    if (logProbability(frames, frame, symbol) > logProbability(frames, frame, best)) best = symbol;
  return best;
}

/** ln(e^a + e^b). */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}
