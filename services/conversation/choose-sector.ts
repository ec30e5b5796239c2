import type { Router, RoutingConversation } from "../routing/index.ts";
import type { Sectors } from "../settings/index.ts";
import { SectorNotAllowedError, UnknownSectorError } from "./errors.ts";
import type { TurnRouting } from "./turn.ts";

/** How many sectors a reply names besides the chosen one. */
const alternativeCount = 3;

export interface SectorQuestion {
  readonly message: string;
  readonly forced: string | undefined;
  readonly conversation: RoutingConversation | undefined;
  /** Sectors the caller may use; undefined: all. What fits no sector is open to everyone. */
  readonly allowed?: readonly string[] | undefined;
}

/** The caller's sector, or the router's, or the conversation's, or none. @throws {UnknownSectorError} @throws {SectorNotAllowedError} */
export function chooseSector(
  router: Router,
  sectors: Sectors,
  question: SectorQuestion,
  nowMs: () => number,
): TurnRouting {
  const routing = chooseFreely(router, sectors, question, nowMs);
  if (routing.sector !== null && question.allowed?.includes(routing.sector) === false)
    throw new SectorNotAllowedError(routing.sector);
  const before = question.conversation?.sector;
  return routing.sector === null || before === undefined || before === routing.sector
    ? routing
    : { ...routing, switchedFrom: before };
}

function chooseFreely(router: Router, sectors: Sectors, question: SectorQuestion, nowMs: () => number): TurnRouting {
  const started = nowMs();
  if (question.forced !== undefined) {
    if (sectors.byId(question.forced) === undefined)
      throw new UnknownSectorError(
        question.forced,
        sectors.all.map(({ id }) => id),
      );
    return { sector: question.forced, confidence: 1, routedBy: "request", alternatives: [], ms: nowMs() - started };
  }
  const decision = router.classify(
    question.message,
    question.conversation === undefined ? {} : { conversation: question.conversation },
  );
  const threshold = decision.sector === null ? undefined : sectors.byId(decision.sector)?.threshold;
  const unsure = threshold !== undefined && !decision.kept && decision.confidence < threshold;
  const sector = unsure ? null : decision.sector;
  return {
    sector,
    confidence: decision.confidence,
    routedBy: sector === null ? "fallback" : decision.kept ? "session" : "router",
    alternatives: decision.scores.filter((score) => score.sector !== sector).slice(0, alternativeCount),
    ms: nowMs() - started,
  };
}
