import type {
  Feedback,
  FeedbackFilter,
  KeptFeedback,
  Page,
  Paged,
  ReviewStatus,
  RoutingExample,
  TrainingPair,
} from "./feedback.ts";
import type { FeedbackReport } from "./report.ts";

/** What a sender makes up so that one feedback counts once however often it is sent. */
export interface IdempotencyKey {
  readonly text: string;
  /** Id of the API key that sent it, null: none. Two senders may choose the same text. */
  readonly owner: string | null;
}

/** Where feedback is kept. Every method throws the database's errors (503, 507) while it is away or full. */
export interface FeedbackStore {
  /**
   * Durable when it resolves.
   * @param key the same key and feedback again changes nothing and answers as the first did
   * @throws {IdempotencyKeyReusedError} the key stands for another feedback
   */
  add(
    feedback: Feedback,
    key?: IdempotencyKey,
  ): Promise<{ readonly id: string; readonly at: string; readonly isNew: boolean }>;
  list(filter: FeedbackFilter, page: Page): Promise<Paged<KeptFeedback>>;
  report(filter: FeedbackFilter): Promise<FeedbackReport>;
  /**
   * Well-rated replies whose texts were kept, of users who did not opt out; oldest first, read in bites. Who opts out without a name is known by
   * the reply and the conversation the feedback is about.
   */
  trainingPairs(filter: FeedbackFilter): AsyncIterable<TrainingPair>;
  routingExamples(status: ReviewStatus, page: Page): Promise<Paged<RoutingExample>>;
  /**
   * Writes it to the accepted examples; accepting it again changes nothing.
   * @param correction what the reviewer says in the place of what is known
   * @throws {RoutingExampleNotFoundError} @throws {RoutingExampleIncompleteError} text or sector is not known
   */
  acceptExample(id: string, correction: { readonly text?: string; readonly sector?: string }): Promise<RoutingExample>;
  /** @throws {RoutingExampleNotFoundError} */
  rejectExample(id: string): Promise<RoutingExample>;
  /**
   * Forgets what a user said, what was said about the sessions given, and what is about a request of theirs; so before the requests are.
   * @returns how many feedbacks
   */
  eraseUser(userId: string, sessionIds: readonly string[]): Promise<number>;
}
