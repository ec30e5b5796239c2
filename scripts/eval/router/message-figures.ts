import { measure, type Routed, type RouterFigures } from "../../../services/routing/training/index.ts";
import { share } from "../statistics.ts";
import { expectedCalibrationError, type ReliabilityBin, reliability } from "./calibration.ts";
import { type Confusion, confusionOf, type SectorFigures, sectorFigures } from "./confusion.ts";
import { type CoveragePoint, coverageCurve, errorAt } from "./coverage.ts";
import type { LiveDecision } from "./live-router.ts";
import { areaUnder, type RocPoint, rocCurve } from "./roc.ts";
import { outOfScope, type RouterMessage } from "./router-lines.ts";

export interface Answered {
  readonly message: RouterMessage;
  readonly decision: LiveDecision;
}

export interface MessageFigures extends RouterFigures {
  /** Of in-scope messages: sent to the right sector, not rejected. */
  readonly served: number | null;
  readonly confusion: Confusion;
  readonly sectors: readonly SectorFigures[];
  /** In-scope messages by the best sector's confidence. */
  readonly coverage: readonly CoveragePoint[];
  readonly errorAt80: number | null;
  readonly reliability: readonly ReliabilityBin[];
  /** As `ece`, without the out-of-scope messages. */
  readonly inScopeEce: number;
  /** Finding out-of-scope messages by the probability that no sector is meant, and by lack of confidence. */
  readonly roc: { readonly foreign: readonly RocPoint[]; readonly unsure: readonly RocPoint[] };
  readonly auc: { readonly foreign: number | null; readonly unsure: number | null };
}

/** Everything that single messages, outside any conversation, tell of the router. */
export function messageFigures(answered: readonly Answered[], sectors: readonly string[]): MessageFigures {
  const routed = answered.map(asRouted);
  const own = answered.filter(({ message }) => message.sector !== outOfScope);
  const trust = ({ message, decision }: Answered) => ({
    confidence: decision.confidence,
    right: decision.ranking[0] === message.sector,
  });
  const isForeign = ({ message }: Answered): boolean => message.sector === outOfScope;
  const confusion = confusionOf(
    answered.map(({ message, decision }) => ({ right: message.sector, taken: decision.sector })),
    sectors,
  );
  const coverage = coverageCurve(own.map(trust));
  const foreign = rocCurve(answered.map((one) => ({ score: one.decision.foreign, positive: isForeign(one) })));
  const unsure = rocCurve(answered.map((one) => ({ score: 1 - one.decision.confidence, positive: isForeign(one) })));
  return {
    ...measure(routed),
    served: share(own, ({ message, decision }) => decision.sector === message.sector),
    confusion,
    sectors: sectorFigures(confusion),
    coverage,
    errorAt80: errorAt(coverage, 0.8),
    reliability: reliability(answered.map(trust)),
    inScopeEce: expectedCalibrationError(reliability(own.map(trust))),
    roc: { foreign, unsure },
    auc: { foreign: areaUnder(foreign), unsure: areaUnder(unsure) },
  };
}

function asRouted({ message, decision }: Answered): Routed {
  return {
    right: message.sector,
    kind: message.kind,
    ranking: decision.ranking.slice(0, 3),
    confidence: decision.confidence,
    abstained: decision.sector === null,
  };
}
