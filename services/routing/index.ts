export { RouterWeightsError } from "./errors.ts";
export { createLinearRouter, type LinearRouterOptions } from "./linear-router.ts";
export {
  RouterBusyError,
  RouterDataMissingError,
  RouterTrainingFailedError,
  SectorBuiltInError,
  SectorExistsError,
  SectorHarmsOthersError,
  SectorInvalidError,
  SectorNotFoundError,
  SectorNotRecognisedError,
  TooManySectorsError,
} from "./live/errors.ts";
export type { RefitFigures } from "./live/refit-figures.ts";
export { exampleLimits, type NewSector } from "./live/run-time-sector.ts";
export type { ChangeOptions, SectorRegistry, SectorState } from "./live/sector-registry.ts";
export { loadRouter, loadStemVectors, loadWeights } from "./load-router.ts";
export type {
  Router,
  RoutingConversation,
  RoutingDecision,
  RoutingOptions,
  RoutingReason,
  SectorScore,
} from "./router.ts";
export type { StemVectors } from "./stem-vectors.ts";
export { decodeWeights, encodeWeights, type RouterHeader, type RouterWeights } from "./weights.ts";
