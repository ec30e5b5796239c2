import type { RequestRow } from "./request-row.ts";

/** What only the moment knows of a turn: no part of its row. */
export interface TurnMoment {
  /** From the request's arrival to the reply's first piece; undefined: none came, or nobody waited for it. */
  readonly firstTextMs?: number | undefined;
  /** What the engine said of its time, the very object. */
  readonly timings?: object | undefined;
}

/** Where every answered turn leaves a row. */
export interface RequestLog {
  /** Returns at once and never throws: keeping a row is no part of a reply. What cannot be taken is counted. */
  record(row: RequestRow, moment?: TurnMoment): void;
}

export interface RequestCounts {
  /** Rows that have reached the database. */
  readonly kept: number;
  /** Rows that went through the spool, as the database was away. */
  readonly spooled: number;
  /** Rows there was no room for, or that the database refused. */
  readonly refused: number;
}

/** A log as whoever opened it sees it. Disposing brings over what it can and spools the rest; the database stays open. */
export interface OwnedRequestLog extends RequestLog, AsyncDisposable {
  readonly counts: RequestCounts;
  /** Resolves when every row recorded so far has reached the database. @throws {PlatformError} the database is away */
  flush(): Promise<void>;
  /**
   * Forgets every row of a user, and of the sessions given.
   * @returns how many there were
   * @throws {PlatformError} the database is away; ask again
   */
  eraseUser(userId: string, sessionIds: readonly string[]): Promise<number>;
}
