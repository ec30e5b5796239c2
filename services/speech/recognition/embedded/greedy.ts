import { type Frames, likeliest } from "./frames.ts";
import type { Tokens } from "./tokens.ts";

/** The likeliest symbol of every frame, repetitions and blanks dropped: fast enough for every partial. Spaces never double, begin or end. */
export function greedySearch(frames: Frames, { blank, space }: Tokens): number[] {
  const found: number[] = [];
  let previous = blank;
  for (let frame = 0; frame < frames.count; frame++) {
    const symbol = likeliest(frames, frame);
    if (symbol !== previous && symbol !== blank && !(symbol === space && (found.at(-1) ?? space) === space))
      found.push(symbol);
    previous = symbol;
  }
  if (found.at(-1) === space) found.pop();
  return found;
}
