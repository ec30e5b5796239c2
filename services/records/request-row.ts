/** What is kept of one chat turn: who decided what, who answered, what it took. */
export interface RequestRow {
  /** `x-request-id` of the reply; a row that comes twice is kept once. */
  readonly id: string;
  /** When it ended; ISO 8601. */
  readonly at: string;
  /** The route, as it is registered. */
  readonly endpoint: string;
  readonly sessionId: string | null;
  /** The id a reply carries: `message_id`, or the completion's `id`. */
  readonly messageId: string | null;
  readonly userId: string | null;
  readonly sector: string | null;
  /** 0–1 */
  readonly confidence: number;
  /** request, router, session or fallback. */
  readonly routedBy: string;
  /** `name@version`; null: the base answered. */
  readonly adapter: string | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  /** Waiting for a place, computing the prompt, computing the reply, and all of it with the way there and back; ms. */
  readonly queueMs: number;
  readonly promptMs: number;
  readonly predictedMs: number;
  readonly totalMs: number;
  /** `ok`, `interrupted` where a spoken reply was broken off, or the code of the error the turn ended with. */
  readonly outcome: string;
  /** What was said and answered; a keeper drops both where it is not told to keep them. */
  readonly message: string | null;
  readonly reply: string | null;
}
