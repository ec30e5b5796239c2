import { leanTowards } from "../conversation.ts";
import { decideWithin } from "../decide.ts";
import { outOfScopeClass, type RouterHeader } from "../weights.ts";
import { probabilitiesOf } from "./calibrate.ts";
import { integerBelow, type Random } from "./random.ts";

/** What a model that never saw the conversation said about one of its turns. */
export interface JudgedTurn {
  /** A sector or out_of_scope. */
  readonly sector: string;
  /** Raw logits of the turn by itself. */
  readonly logits: Float64Array;
  /** Raw logits of up to three earlier utterances together; absent: it is the first, or they say nothing. */
  readonly earlier: Float64Array | undefined;
}

export interface ConversationFigures {
  /** Turns that go on with the subject and stay in its sector. */
  readonly stays: number;
  /** Turns that come to another sector's subject and are routed there. */
  readonly switches: number;
  /** Out-of-scope messages answered by the fallback inside a conversation. */
  readonly rejects: number;
}

type Spec = RouterHeader["conversation"];

interface Case {
  readonly place: keyof ConversationFigures;
  readonly right: number;
  readonly sectorAt: number;
  readonly turnsAgo: number;
  readonly alone: Float64Array;
  readonly earlier: Float64Array | undefined;
}

/**
 * How firmly to stay in a conversation: the best of a grid of `stay` and `switch` on conversations the models have not seen.
 * Every turn is judged as if the ones before it had been routed rightly. Staying counts half as much again, since most turns go on
 * with the subject; out of scope a third, since the sector's adapter can decline as well. `memory` is given: it helps where an
 * earlier turn was routed wrongly, which is never so here.
 * @param foreign raw logits of out-of-scope messages, each put into the conversation of a sector by chance
 */
export function chooseConversation(
  judged: readonly (readonly JudgedTurn[])[],
  foreign: readonly Float64Array[],
  classes: readonly string[],
  temperature: number,
  given: Pick<Spec, "decay" | "memory">,
  random: Random,
): { conversation: Spec; figures: ConversationFigures } {
  const cases = [
    ...judged.flatMap((turns) => casesOf(turns, classes, temperature)),
    ...foreign.map((logits): Case => {
      const alone = probabilitiesOf(logits, temperature);
      const sectorAt = integerBelow(random, classes.length - 2);
      return { place: "rejects", right: -1, sectorAt, turnsAgo: 1, alone, earlier: undefined };
    }),
  ];
  let best: { conversation: Spec; figures: ConversationFigures } | undefined;
  let most = -1;
  for (const stay of [3, 5, 8, 12, 20, 30, 50, 80]) {
    for (const switchFrom of [0.3, 0.4, 0.5, 0.6, 0.7]) {
      const conversation = { ...given, stay, switch: switchFrom };
      const figures = figuresOf(cases, conversation);
      const worth = 1.5 * figures.stays + figures.switches + figures.rejects / 3;
      if (worth > most + 1e-9) {
        most = worth;
        best = { conversation, figures };
      }
    }
  }
  return best as { conversation: Spec; figures: ConversationFigures };
}

function casesOf(turns: readonly JudgedTurn[], classes: readonly string[], temperature: number): Case[] {
  const cases: Case[] = [];
  let sectorAt = -1;
  let turnsAgo = 1;
  for (const { sector, logits, earlier } of turns) {
    const foreign = sector === outOfScopeClass;
    const right = foreign ? -1 : classes.indexOf(sector);
    if (sectorAt >= 0) {
      cases.push({
        place: foreign ? "rejects" : right === sectorAt ? "stays" : "switches",
        right,
        sectorAt,
        turnsAgo,
        alone: probabilitiesOf(logits, temperature),
        earlier: earlier === undefined ? undefined : probabilitiesOf(earlier, temperature),
      });
    }
    turnsAgo = foreign ? turnsAgo + 1 : 1;
    if (!foreign) sectorAt = right;
  }
  return cases;
}

function figuresOf(cases: readonly Case[], conversation: Spec): ConversationFigures {
  const count = { stays: [0, 0], switches: [0, 0], rejects: [0, 0] } as Record<Case["place"], [number, number]>;
  for (const { place, right, sectorAt, turnsAgo, alone, earlier } of cases) {
    const leaning = alone.slice();
    leanTowards(leaning, { sectorAt, turnsAgo, ...(earlier === undefined ? {} : { earlier }) }, conversation);
    count[place][0] += decideWithin(leaning, sectorAt, conversation) === right ? 1 : 0;
    count[place][1] += 1;
  }
  const part = ([hits, all]: [number, number]) => hits / Math.max(1, all);
  return { stays: part(count.stays), switches: part(count.switches), rejects: part(count.rejects) };
}
