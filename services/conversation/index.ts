export { type AdapterDirectory, createAdapterDirectory } from "./adapter-directory.ts";
export { systemPromptOf } from "./build-messages.ts";
export { chooseSector } from "./choose-sector.ts";
export { withCitations } from "./citations.ts";
export {
  EmptyMessageError,
  MessageTooLongError,
  SectorNotAllowedError,
  TooManyMessagesError,
  UnknownModelError,
  UnknownSectorError,
} from "./errors.ts";
export {
  createGroundPrompt,
  type Grounding,
  type GroundingQuestion,
  type GroundPrompt,
  type GroundPromptParts,
} from "./ground-prompt.ts";
export { knowledgePrompt, type PromptPassage } from "./knowledge-prompt.ts";
export { checkedMessage, checkMessageCount, type MessageLimits } from "./message-limits.ts";
export { noAnswer } from "./no-answer.ts";
export { createResolveModel, type ResolvedTarget, type ResolveModel } from "./resolve-target.ts";
export { routingConversation } from "./routed-history.ts";
export { createTakeTurn, type TakeTurnParts } from "./take-turn.ts";
export type {
  ChosenAdapter,
  KnowledgeUse,
  RoutedBy,
  TakeTurn,
  TurnEvent,
  TurnOpening,
  TurnRequest,
  TurnResult,
  TurnRouting,
  TurnSource,
} from "./turn.ts";
