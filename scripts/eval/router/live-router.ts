import { chooseSector } from "../../../services/conversation/index.ts";
import type { Router, RoutingConversation, RoutingDecision } from "../../../services/routing/index.ts";
import type { Sectors } from "../../../services/settings/index.ts";

/** What a message met in live traffic, and what the router thought of it. */
export interface LiveDecision {
  /** The sector that would answer; null: rejected, the base answers. */
  readonly sector: string | null;
  /** All sectors, best first, whether or not it was rejected. */
  readonly ranking: readonly string[];
  /** Of the best sector, 0–1. */
  readonly confidence: number;
  /** Probability that no sector is meant: out of scope, or says nothing by itself; 0–1. */
  readonly foreign: number;
}

export type LiveRouter = (text: string, conversation?: RoutingConversation) => LiveDecision;

/** The very path of a chat turn: `chooseSector`, its thresholds included; the router's own answer is noted on the way. */
export function createLiveRouter(router: Router, sectors: Sectors): LiveRouter {
  let seen: RoutingDecision | undefined;
  const watched: Router = {
    sectors: router.sectors,
    classify: (text, options) => {
      seen = router.classify(text, options);
      return seen;
    },
  };
  return (text, conversation) => {
    const { sector } = chooseSector(watched, sectors, { message: text, forced: undefined, conversation }, () => 0);
    const scores = seen?.scores ?? [];
    const inside = scores.reduce((sum, score) => sum + score.confidence, 0);
    return {
      sector,
      ranking: scores.map((score) => score.sector),
      confidence: scores[0]?.confidence ?? 0,
      foreign: Math.min(1, Math.max(0, 1 - inside)),
    };
  };
}
