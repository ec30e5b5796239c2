import { indexOfBest } from "../decide.ts";
import { softmaxInPlace } from "../scorer.ts";
import { outOfScopeClass, type RouterHeader } from "../weights.ts";
import type { HeldOut } from "./corpus.ts";

/** What a model that never saw the text said about it. */
export interface Judged extends HeldOut {
  /** Raw logits in class order: sectors, out_of_scope, follow_up. */
  readonly logits: Float64Array;
}

/** The temperature under which the right classes are least surprising: mean −ln P, searched on a grid of 2 % steps. */
export function chooseTemperature(judged: readonly Judged[], classes: readonly string[]): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let temperature = 0.1; temperature < 5; temperature *= 1.02) {
    let surprise = 0;
    for (const one of judged) {
      const probability = probabilitiesOf(one.logits, temperature)[classes.indexOf(one.sector)] as number;
      surprise -= Math.log(Math.max(probability, 1e-12));
    }
    if (surprise < least) {
      least = surprise;
      best = temperature;
    }
  }
  return Math.round(best * 1000) / 1000;
}

export function probabilitiesOf(logits: Float64Array, temperature: number): Float64Array {
  const probabilities = logits.map((logit) => logit / temperature);
  softmaxInPlace(probabilities);
  return probabilities;
}

export interface AbstentionGoal {
  /** Part of the out-of-scope messages to reject. */
  readonly rejectOutOfScope: number;
  /** Most of the in-scope messages that may be rejected although their best sector was right. */
  readonly loseInScope: number;
}

/**
 * Thresholds that reject the wanted part of out-of-scope messages at the least loss of in-scope ones; where that loss would be
 * above the goal, a point of out-of-scope missed weighs as much as a point lost. Lost is what would have been routed rightly:
 * abstaining instead of taking a wrong sector is what the thresholds are for.
 */
export function chooseThresholds(
  judged: readonly Judged[],
  classes: readonly string[],
  temperature: number,
  goal: AbstentionGoal,
): RouterHeader["thresholds"] {
  const points = judged.map((one) => {
    const probabilities = probabilitiesOf(one.logits, temperature);
    const best = indexOfBest(probabilities, classes.length - 2);
    return {
      foreign: one.sector === outOfScopeClass,
      right: classes[best] === one.sector,
      rejecting: (probabilities.at(-2) as number) + (probabilities.at(-1) as number),
      confidence: probabilities[best] as number,
    };
  });
  const foreign = Math.max(1, points.filter((point) => point.foreign).length);
  const own = Math.max(1, points.length - foreign);
  let best = { reject: 0.5, confidence: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (let reject = 0.04; reject <= 0.8; reject += 0.02) {
    for (let confidence = 0; confidence <= 0.4; confidence += 0.01) {
      const rejected = points.filter((point) => point.rejecting >= reject || point.confidence < confidence);
      const missed = Math.max(0, goal.rejectOutOfScope - rejected.filter((point) => point.foreign).length / foreign);
      const lost = rejected.filter((point) => point.right).length / own;
      const cost = missed + Math.max(0, lost - goal.loseInScope) + 0.01 * lost;
      if (cost < least - 1e-9) {
        least = cost;
        best = { reject: Math.round(reject * 100) / 100, confidence: Math.round(confidence * 100) / 100 };
      }
    }
  }
  return best;
}
