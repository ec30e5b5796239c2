export interface SessionMessage {
  /** Unique within its session. */
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly content: string;
  /** When it was said, ISO 8601; kept as given. */
  readonly at: string;
  /** Sector the turn was routed to; a message that is loaded always has it, null for none. */
  readonly sector?: string | null;
  /** `name@version` of the adapter that answered; a message that is loaded always has it, null for none. */
  readonly adapter?: string | null;
}

/** What was said before the messages that still go into prompts, in a few sentences. */
export interface SessionSummary {
  readonly text: string;
  /** Id of the last message it speaks of. */
  readonly until: string;
}

/** One caller's conversation. */
export interface Session {
  readonly id: string;
  /** Id of the API key whose it is; null: nobody's yet (see assertOwnSession). */
  readonly owner: string | null;
  readonly userId: string | null;
  /** Where the conversation is at home; null until a turn was routed. */
  readonly sector: string | null;
  /** ISO 8601, UTC, as are all times here. */
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** Null: none was made. */
  readonly summary: SessionSummary | null;
  /** Oldest first. */
  readonly messages: readonly SessionMessage[];
}

export interface SessionTurn {
  /** Id of the API key that takes the turn; it becomes the session's owner where there is none. Null or absent: no key. */
  readonly owner?: string | null;
  /** Null or absent keeps the former one. */
  readonly userId?: string | null;
  /** Null keeps the former one. */
  readonly sector: string | null;
  readonly messages: readonly SessionMessage[];
  /** The id was made for this turn, so nothing can have been kept under it: spares a keeper the look. */
  readonly opensSession?: boolean;
}

/**
 * Conversations by id: 1–128 characters of `A-Z a-z 0-9 . _ : -`. Every method throws InvalidSessionIdError for another id, and,
 * while the keeper's database is down, its unavailable error (503): SessionsUnavailableError or StorageUnavailableError.
 * Texts come back as they went in, but for NUL and halves of surrogate pairs, which become U+FFFD: no database keeps them.
 */
export interface SessionStore {
  /** The session, or undefined when there is none or nothing was appended for its time to live. Does not renew that time. */
  load(id: string): Promise<Session | undefined>;
  /**
   * All or nothing: adds the messages (creating the session when missing), drops the oldest beyond the store's limit, and
   * renews the time to live. A message whose id is there already is not added again, so a turn can be retried after a failure.
   * @throws {SessionNotFoundError} the session is another key's
   */
  append(id: string, turn: SessionTurn): Promise<void>;
  /**
   * Keeps a summary in the place of the former one; does not renew the time to live.
   * @param session as it was loaded: one that was begun anew under its id since then gets nothing
   * @returns whether it was kept
   */
  keepSummary(session: Pick<Session, "id" | "createdAt">, summary: SessionSummary): Promise<boolean>;
  /** Forgets the session; whether there was one. */
  delete(id: string): Promise<boolean>;
  /** Ids of a user's sessions, in no order; some whose time is over may be among them. For erasing what a user said: it may take a while. */
  sessionsOf(userId: string): Promise<readonly string[]>;
  /**
   * Runs `work` when no other turn of this session runs, in this process or another on the same store.
   * @throws {SessionBusyError} the turn before took too long, or too many are waiting
   * @throws the signal's reason, when it fires before `work` begins
   */
  withTurn<T>(id: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** A store as whoever opened it sees it. Disposing ends its timers; the database it was given stays open. */
export interface OwnedSessionStore extends SessionStore, AsyncDisposable {}

export interface SessionStoreOptions {
  /** Seconds after the last turn at which a session is forgotten, ≥ 1. */
  readonly ttlS: number;
  /** Messages a session keeps, ≥ 2. */
  readonly maxMessages: number;
  /** Longest wait for the turn before; 30 000 unless told. */
  readonly turnWaitMs?: number;
  /** Turns that may wait behind a running one, per session and process; 8 unless told. */
  readonly maxWaitingTurns?: number;
}
