import type { RouterHeader } from "./weights.ts";

/** Where the conversation stands, in class indices. */
export interface Standing {
  readonly sectorAt: number;
  /** ≥ 1. */
  readonly turnsAgo: number;
  /** Class probabilities of the earlier utterances by themselves; absent: none were given. */
  readonly earlier?: Float64Array;
}

/**
 * Bayes with a prior that leans towards the conversation's sector: every sector's probability is multiplied by
 * 1 + (stay − 1)·decay^(turnsAgo − 1)·share, then all are brought to sum 1. `share` is 1 for the conversation's sector, less
 * the `memory` part that goes to whatever the earlier utterances were about. A message that says nothing by itself
 * (follow_up) speaks for the conversation's sector in proportion to how recent it is; what is left of it stays undecided.
 * @param probabilities of the message alone: sectors, out_of_scope, follow_up; changed in place
 */
export function leanTowards(probabilities: Float64Array, standing: Standing, spec: RouterHeader["conversation"]): void {
  const sectors = probabilities.length - 2;
  const followUp = probabilities.length - 1;
  const recency = spec.decay ** (standing.turnsAgo - 1);
  const memory = standing.earlier === undefined ? 0 : spec.memory;
  for (let c = 0; c < sectors; c++) {
    const share = (c === standing.sectorAt ? 1 - memory : 0) + memory * (standing.earlier?.[c] ?? 0);
    probabilities[c] = (probabilities[c] as number) * (1 + (spec.stay - 1) * recency * share);
  }
  const undecided = (probabilities[followUp] as number) * recency;
  probabilities[followUp] = (probabilities[followUp] as number) - undecided;
  probabilities[standing.sectorAt] = (probabilities[standing.sectorAt] as number) + undecided * spec.stay;
  let sum = 0;
  for (const probability of probabilities) sum += probability;
  for (let c = 0; c < probabilities.length; c++) probabilities[c] = (probabilities[c] as number) / sum;
}
