import { leanTowards } from "../conversation.ts";
import { softmaxInPlace } from "../scorer.ts";
import { outOfScopeClass, type RouterHeader } from "../weights.ts";
import type { HeldOut } from "./corpus.ts";
import { integerBelow, type Random } from "./random.ts";

/** What a model that never saw the text said about it. */
export interface Judged extends HeldOut {
  /** Raw logits in class order: sectors, out_of_scope, follow_up. */
  readonly logits: Float64Array;
  /** Raw logits of the earlier utterances together; absent: none. */
  readonly earlier: Float64Array | undefined;
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

export interface ConversationFigures {
  /** Later turns of dialogues decided for the dialogue's sector. */
  readonly stays: number;
  /** First messages rightly routed by themselves that are still routed so inside another sector's conversation. */
  readonly switches: number;
  /** Out-of-scope messages answered by the fallback inside a conversation. */
  readonly rejects: number;
}

/**
 * How firmly to stay in a conversation: the best of a grid of `stay` and `switch`. Staying counts half as much again, since most messages
 * of a conversation go on with it; out of scope a third, since the sector's adapter can decline as well. Each first message is put into the conversation of another sector by chance.
 */
export function chooseConversation(
  judged: readonly Judged[],
  classes: readonly string[],
  temperature: number,
  given: Pick<RouterHeader["conversation"], "decay" | "memory">,
  random: Random,
): { conversation: RouterHeader["conversation"]; figures: ConversationFigures } {
  const sectors = classes.length - 2;
  const cases = judged.map((one) => {
    const alone = probabilitiesOf(one.logits, temperature);
    const right = classes.indexOf(one.sector);
    const earlier = one.earlier === undefined ? {} : { earlier: probabilitiesOf(one.earlier, temperature) };
    const other = (right + 1 + integerBelow(random, sectors - 1)) % sectors;
    const later = one.kind === "later";
    return { later, alone, right, earlier, sectorAt: later ? right : other };
  });
  const measured = (conversation: RouterHeader["conversation"]): ConversationFigures => {
    const count = { stays: [0, 0], switches: [0, 0], rejects: [0, 0] } as Record<
      keyof ConversationFigures,
      [number, number]
    >;
    for (const { later, alone, right, earlier, sectorAt } of cases) {
      if (!later && right < sectors && indexOfBest(alone, sectors + 1) !== right) continue;
      const leaning = alone.slice();
      leanTowards(leaning, { sectorAt, turnsAgo: 1, ...earlier }, conversation);
      const winner = indexOfBest(leaning, sectors);
      const rejected = (leaning[sectors] as number) > (leaning[winner] as number);
      const decided = rejected ? sectors : (leaning[winner] as number) >= conversation.switch ? winner : sectorAt;
      const tally = count[later ? "stays" : right === sectors ? "rejects" : "switches"];
      tally[0] += decided === right ? 1 : 0;
      tally[1] += 1;
    }
    const part = ([hits, all]: [number, number]) => hits / Math.max(1, all);
    return { stays: part(count.stays), switches: part(count.switches), rejects: part(count.rejects) };
  };
  let best: { conversation: RouterHeader["conversation"]; figures: ConversationFigures } | undefined;
  let most = -1;
  for (const stay of [3, 5, 8, 12, 20, 30, 50, 80]) {
    for (const switchFrom of [0.3, 0.4, 0.5, 0.6, 0.7]) {
      const conversation = { ...given, stay, switch: switchFrom };
      const figures = measured(conversation);
      const worth = 1.5 * figures.stays + figures.switches + figures.rejects / 3;
      if (worth > most + 1e-9) {
        most = worth;
        best = { conversation, figures };
      }
    }
  }
  return best ?? { conversation: { ...given, stay: 1, switch: 0.5 }, figures: { stays: 0, switches: 0, rejects: 0 } };
}

/** Index of the largest of the first `among`. */
export function indexOfBest(numbers: Float64Array, among: number): number {
  let best = 0;
  for (let at = 1; at < among; at++) if ((numbers[at] as number) > (numbers[best] as number)) best = at;
  return best;
}
