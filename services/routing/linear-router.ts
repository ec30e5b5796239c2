import { leanTowards } from "./conversation.ts";
import { decideAlone, decideWithin, indexOfBest } from "./decide.ts";
import type { Router, RoutingConversation, RoutingDecision, SectorScore } from "./router.ts";
import { createScorer } from "./scorer.ts";
import type { RouterWeights } from "./weights.ts";

export interface LinearRouterOptions {
  /** Sector → calibrated probability below which that sector is not chosen, 0–1; overrides the trained threshold. */
  readonly thresholds?: Readonly<Record<string, number>>;
}

const reasonLimit = 8;
/** Earlier utterances that count. */
const rememberedUtterances = 3;

/** The router kept with a linear model over n-grams and stem vectors (scorer.ts); the rules of abstention are in decide.ts. */
export function createLinearRouter(weights: RouterWeights, options: LinearRouterOptions = {}): Router {
  const { header } = weights;
  const scorer = createScorer(weights);
  const sectors = header.classes.slice(0, -2);
  const outOfScope = sectors.length;
  const followUp = outOfScope + 1;
  const indexOf = new Map(sectors.map((sector, at) => [sector, at]));
  const probabilities = new Float64Array(header.classes.length);
  const earlier = new Float64Array(header.classes.length);
  const thresholdOf = sectors.map((sector) => options.thresholds?.[sector] ?? header.thresholds.confidence);

  function readAlone(text: string): void {
    if (scorer.probabilities(text, probabilities)) return;
    // Not one known n-gram or stem: the text by itself says nothing.
    probabilities.fill(0);
    probabilities[followUp] = 1;
  }

  function lean(conversation: RoutingConversation, sectorAt: number): void {
    const remembered = conversation.utterances?.slice(-rememberedUtterances).join("\n") ?? "";
    const read = remembered !== "" && scorer.probabilities(remembered, earlier);
    const turnsAgo = Math.max(1, conversation.turnsAgo ?? 1);
    leanTowards(probabilities, { sectorAt, turnsAgo, ...(read ? { earlier } : {}) }, header.conversation);
  }

  function ranked(): SectorScore[] {
    return sectors
      .map((sector, c) => ({ sector, confidence: probabilities[c] as number }))
      .sort((a, b) => b.confidence - a.confidence);
  }

  return {
    sectors,
    thresholdOf: (sector) => thresholdOf[indexOf.get(sector) ?? -1],
    classify(text, { conversation, why = false } = {}): RoutingDecision {
      readAlone(text);
      const alone = decideAlone(probabilities, header.thresholds.reject, (at) => thresholdOf[at] as number);
      // A sector this router does not know (a renamed one, say) is no conversation to lean towards.
      const sectorAt = conversation === undefined ? undefined : indexOf.get(conversation.sector);
      let decided = alone;
      if (conversation !== undefined && sectorAt !== undefined) {
        lean(conversation, sectorAt);
        decided = decideWithin(probabilities, sectorAt, header.conversation);
      }
      const shown = decided < 0 ? indexOfBest(probabilities, sectors.length) : decided;
      return {
        sector: sectors[decided] ?? null,
        confidence: probabilities[shown] as number,
        abstained: decided < 0,
        kept: decided >= 0 && decided === sectorAt && alone !== decided,
        scores: ranked(),
        outOfScope: probabilities[outOfScope] as number,
        why: why ? scorer.reasons(text, shown, reasonLimit) : [],
      };
    },
  };
}
