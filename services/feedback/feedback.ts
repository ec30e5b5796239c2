/** What somebody thinks of a reply. */
export interface Feedback {
  readonly sessionId: string | null;
  /** Of the reply it is about. */
  readonly messageId: string | null;
  readonly userId: string | null;
  readonly sector: string | null;
  /** 1–5 */
  readonly rating: number;
  readonly comment: string | null;
  readonly issues: readonly FeedbackIssue[];
  readonly suggestions: readonly string[];
  readonly pilotGroup: string | null;
  /** Where the message should have gone. */
  readonly expectedSector: string | null;
  /** What was asked, where the user says it again; kept only with "wrong sector" feedback, for review. */
  readonly message: string | null;
  /** True: neither this nor any other feedback of the user becomes a training pair. */
  readonly trainingOptOut: boolean;
}

export interface FeedbackIssue {
  /** `wrong_sector`, `wrong_answer`, `incomplete`, `unclear`, `slow`, `other`, or a client's own word. */
  readonly category: string;
  readonly text: string;
}

/** A feedback as it is kept, beside the request it is about. */
export interface KeptFeedback extends Omit<Feedback, "message"> {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The request's own facts; null where no request is known for it. */
  readonly request: {
    readonly id: string;
    readonly sector: string | null;
    /** `name@version` */
    readonly adapter: string | null;
    readonly routedBy: string;
    readonly confidence: number;
  } | null;
}

/** Every field narrows; times are ISO 8601, `since` included and `until` not. */
export interface FeedbackFilter {
  readonly sector?: string;
  /** `name@version` */
  readonly adapter?: string;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly pilotGroup?: string;
  readonly category?: string;
  readonly minRating?: number;
  readonly maxRating?: number;
  readonly since?: string;
  readonly until?: string;
}

export interface Page {
  /** 1–500 */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface Paged<Item> {
  /** Newest first. */
  readonly items: readonly Item[];
  /** Null: there is no more. */
  readonly next: string | null;
}

/** One line of the training export. */
export interface TrainingPair {
  readonly id: string;
  readonly messages: readonly [
    { readonly role: "user"; readonly content: string },
    { readonly role: "assistant"; readonly content: string },
  ];
  readonly sector: string | null;
  readonly adapter: string | null;
  readonly rating: number;
}

export type ReviewStatus = "pending" | "accepted" | "rejected";

/** A message that went to the wrong sector, for somebody to look at. */
export interface RoutingExample {
  /** The feedback's id. */
  readonly id: string;
  readonly at: string;
  /** Null: nobody kept what was said; whoever accepts it has to say it. */
  readonly text: string | null;
  readonly routedTo: string | null;
  readonly expectedSector: string | null;
  readonly status: ReviewStatus;
}
