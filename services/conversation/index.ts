export { type AdapterDirectory, createAdapterDirectory } from "./adapter-directory.ts";
export { systemPromptOf } from "./build-messages.ts";
export { chooseSector } from "./choose-sector.ts";
export { tellSource, withCitations } from "./citations.ts";
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
export { createKeepTurn, type KeepTurn, type KeepTurnParts, type KeptReply, type KeptRequest } from "./keep-turn.ts";
export { knowledgePrompt, type PromptPassage } from "./knowledge-prompt.ts";
export { checkedMessage, checkHistory, checkMessageCount, type MessageLimits } from "./message-limits.ts";
export { noAnswer, noTimings, noUsage } from "./no-answer.ts";
export { createQuoting, type Quoting, type QuotingParts } from "./quoting.ts";
export { type HistoryLimits, recentHistory } from "./recent-history.ts";
export {
  type OpenRecord,
  openTurnRecord,
  type RecordedRequest,
  type RecordOpening,
  recordedTurn,
} from "./recorded-turn.ts";
export { createResolveModel, type ResolvedTarget, type ResolveModel } from "./resolve-target.ts";
export { routingConversation } from "./routed-history.ts";
export { withSummary } from "./session-summary.ts";
export { createSummaries, type Summaries, type SummaryParts } from "./summaries.ts";
export { createTakeTurn, type TakeTurnParts } from "./take-turn.ts";
export type {
  ChosenAdapter,
  KnowledgeUse,
  PastUtterance,
  RoutedBy,
  TakeTurn,
  TurnEvent,
  TurnOpening,
  TurnRequest,
  TurnResult,
  TurnRouting,
  TurnSource,
} from "./turn.ts";
export { turnCaller } from "./turn-caller.ts";
export { turnResult } from "./turn-result.ts";
export { type TurnRowFacts, turnRow } from "./turn-row.ts";
