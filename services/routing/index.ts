export { RouterWeightsError } from "./errors.ts";
export { createLinearRouter, type LinearRouterOptions } from "./linear-router.ts";
export { loadRouter } from "./load-router.ts";
export type {
  Router,
  RoutingConversation,
  RoutingDecision,
  RoutingOptions,
  RoutingReason,
  SectorScore,
} from "./router.ts";
export { decodeWeights, encodeWeights, type RouterWeights } from "./weights.ts";
