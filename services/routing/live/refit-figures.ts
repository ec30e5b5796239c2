import type { Router } from "../router.ts";
import type { RoutingExample } from "../training/index.ts";
import { outOfScopeClass } from "../weights.ts";
import { SectorHarmsOthersError, SectorNotRecognisedError } from "./errors.ts";

/** What a new sector does; counts of messages. */
export interface RefitFigures {
  /** The sector's own examples that no training saw (every fifth). */
  readonly own: { readonly messages: number; readonly recognised: number };
  /** Other sectors' messages that no training saw (every tenth): rightly routed with the new sector to choose and without. */
  readonly others: { readonly messages: number; readonly without: number; readonly with: number };
  /** Messages and conversation turns of the other sectors the routers were trained on: rightly routed by the router that served and by the new one. */
  readonly served: { readonly messages: number; readonly before: number; readonly after: number };
  /** Out-of-scope messages that no training saw: rejected without the new sector to choose, and with it. */
  readonly outOfScope: { readonly messages: number; readonly without: number; readonly with: number };
}

/** Most points of rightly routed messages that a new sector may cost the others. */
export const allowedLossPoints = 0.5;

/** How unlikely a sector that is recognised half of the time may make its count before it is refused. */
const unluckyShare = 0.2;

/**
 * Why a new sector may not go live, if so. "Recognised less than half of the time" is asked of the few examples held back: with
 * six of them, two or more speak for nothing worse than bad luck, so only counts that a half would hardly bring are refused.
 */
export function refusalOf(figures: RefitFigures): SectorHarmsOthersError | SectorNotRecognisedError | undefined {
  const { own, others, served } = figures;
  const lost = Math.max(
    points(others.without - others.with, others.messages),
    points(served.before - served.after, served.messages),
  );
  if (lost > allowedLossPoints + 1e-9) return new SectorHarmsOthersError(lost, allowedLossPoints);
  if (own.messages > 0 && chanceOfAtMost(own.recognised, own.messages) < unluckyShare)
    return new SectorNotRecognisedError(own.recognised, own.messages);
  return undefined;
}

function points(messages: number, of: number): number {
  return of === 0 ? 0 : (100 * messages) / of;
}

/** Probability of at most `hits` heads in `tosses` of a fair coin; in logarithms, because 2^tosses overflows. */
function chanceOfAtMost(hits: number, tosses: number): number {
  let logWays = 0;
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(logWays - tosses * Math.LN2);
    logWays += Math.log((tosses - k) / (k + 1));
  }
  return sum;
}

/** Messages of a sector by a router that has a new sector, with that sector to choose and without it. */
export function countWithAndWithout(
  router: Router,
  messages: readonly RoutingExample[],
  added: string,
): { messages: number; without: number; with: number } {
  let without = 0;
  let withIt = 0;
  for (const { text, sector } of messages) {
    const { scores } = router.classify(text);
    if (scores[0]?.sector === sector) withIt++;
    if (scores.find((score) => score.sector !== added)?.sector === sector) without++;
  }
  return { messages: messages.length, without, with: withIt };
}

/** Out-of-scope messages that stay rejected; those that only the new sector draws in count as rejected without it. */
export function countRejected(
  router: Router,
  messages: readonly RoutingExample[],
  added: string,
): { messages: number; without: number; with: number } {
  const taken = messages.map(({ text }) => router.classify(text).sector);
  const rejected = taken.filter((sector) => sector === null).length;
  const drawn = taken.filter((sector) => sector === added).length;
  return { messages: messages.length, without: rejected + drawn, with: rejected };
}

export interface LabelledTurn {
  readonly text: string;
  readonly sector: string;
}

/** Messages by themselves, and conversations turn by turn, each turn where the one before it rightly was. */
export function countServed(
  router: Router,
  messages: readonly RoutingExample[],
  conversations: readonly (readonly LabelledTurn[])[],
): number {
  let right = messages.filter(({ text, sector }) => router.classify(text).scores[0]?.sector === sector).length;
  for (const turns of conversations) {
    for (const [at, { text, sector }] of turns.entries()) {
      if (sector === outOfScopeClass) continue;
      const before = turns[at - 1]?.sector;
      const known = before !== undefined && router.sectors.includes(before);
      const utterances = turns.slice(0, at).map((turn) => turn.text);
      const decision = router.classify(
        text,
        known ? { conversation: { sector: before, turnsAgo: 1, utterances } } : {},
      );
      if ((decision.sector ?? decision.scores[0]?.sector) === sector) right++;
    }
  }
  return right;
}
