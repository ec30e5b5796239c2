export {
  IdempotencyKeyReusedError,
  RoutingExampleIncompleteError,
  RoutingExampleNotFoundError,
} from "./errors.ts";
export type {
  Feedback,
  FeedbackFilter,
  FeedbackIssue,
  KeptFeedback,
  Page,
  Paged,
  ReviewStatus,
  RoutingExample,
  TrainingPair,
} from "./feedback.ts";
export type { FeedbackStore, IdempotencyKey } from "./feedback-store.ts";
export {
  type JudgedReplies,
  type RatedReply,
  readJudgedReplies,
  readRatedReplies,
} from "./rated-replies.ts";
export { renderCsv, renderMarkdown } from "./render-report.ts";
export type { FeedbackReport, RatingSummary } from "./report.ts";
export { spanOf, withoutTexts, withTextsOf } from "./report-texts.ts";
