import type { RouterHeader } from "./weights.ts";

/** Index of the largest of the first `among`. */
export function indexOfBest(numbers: Float64Array, among: number): number {
  let best = 0;
  for (let at = 1; at < among; at++) if ((numbers[at] as number) > (numbers[best] as number)) best = at;
  return best;
}

/**
 * The sector the text alone deserves, or -1.
 * @param probabilities sectors, out_of_scope, follow_up
 * @param least confidence below which the best sector is not chosen
 */
export function decideAlone(probabilities: Float64Array, reject: number, least: (sectorAt: number) => number): number {
  const sectors = probabilities.length - 2;
  const winner = indexOfBest(probabilities, sectors);
  const rejecting = (probabilities[sectors] as number) + (probabilities[sectors + 1] as number);
  return rejecting >= reject || (probabilities[winner] as number) < least(winner) ? -1 : winner;
}

/**
 * The sector within a conversation of `sectorAt`, or -1: only out of scope leaves the sectors, and only a clear other subject leaves
 * the sector.
 * @param probabilities after `leanTowards`
 */
export function decideWithin(
  probabilities: Float64Array,
  sectorAt: number,
  spec: Pick<RouterHeader["conversation"], "switch">,
): number {
  const sectors = probabilities.length - 2;
  const winner = indexOfBest(probabilities, sectors);
  if ((probabilities[sectors] as number) > (probabilities[winner] as number)) return -1;
  return (probabilities[winner] as number) >= spec.switch ? winner : sectorAt;
}
