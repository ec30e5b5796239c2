export { type AdapterDirectory, createAdapterDirectory } from "./adapter-directory.ts";
export { systemPromptOf } from "./build-messages.ts";
export { chooseSector } from "./choose-sector.ts";
export {
  EmptyMessageError,
  MessageTooLongError,
  TooManyMessagesError,
  UnknownModelError,
  UnknownSectorError,
} from "./errors.ts";
export { checkedMessage, checkMessageCount, type MessageLimits } from "./message-limits.ts";
export { createResolveModel, type ResolvedTarget, type ResolveModel } from "./resolve-target.ts";
export { routingConversation } from "./routed-history.ts";
export { createTakeTurn, type TakeTurnParts } from "./take-turn.ts";
export type {
  ChosenAdapter,
  RoutedBy,
  TakeTurn,
  TurnEvent,
  TurnOpening,
  TurnRequest,
  TurnResult,
  TurnRouting,
} from "./turn.ts";
