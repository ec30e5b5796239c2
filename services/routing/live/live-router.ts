import type { Router } from "../router.ts";

/** A router that can be replaced while it serves: `classify` is synchronous, so every decision is one router's alone. */
export interface LiveRouter extends Router {
  /** @param hidden sectors the new router still knows and nobody may be sent to any more */
  swap(router: Router, hidden?: ReadonlySet<string>): void;
}

const none: ReadonlySet<string> = new Set();

export function createLiveRouter(first: Router): LiveRouter {
  let serving = first;
  return {
    get sectors() {
      return serving.sectors;
    },
    classify: (text, options) => serving.classify(text, options),
    thresholdOf: (sector) => serving.thresholdOf?.(sector),
    swap: (router, hidden = none) => {
      serving = hidden.size === 0 ? router : withoutSectors(router, hidden);
    },
  };
}

/** What a router says, without some of its sectors: a message they would have won is left undecided. */
export function withoutSectors(router: Router, hidden: ReadonlySet<string>): Router {
  return {
    sectors: router.sectors.filter((sector) => !hidden.has(sector)),
    thresholdOf: (sector) => (hidden.has(sector) ? undefined : router.thresholdOf?.(sector)),
    classify(text, { conversation, ...options } = {}) {
      const stays = conversation !== undefined && !hidden.has(conversation.sector);
      const decision = router.classify(text, { ...options, ...(stays ? { conversation } : {}) });
      const scores = decision.scores.filter(({ sector }) => !hidden.has(sector));
      if (decision.sector === null || !hidden.has(decision.sector)) return { ...decision, scores };
      return { ...decision, sector: null, confidence: scores[0]?.confidence ?? 0, abstained: true, scores, why: [] };
    },
  };
}
