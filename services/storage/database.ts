/** Values come as `pg` gives them: int8 and numeric as strings, bytea as Buffer, timestamps as Date, json parsed. */
export interface QueryResult<Row> {
  readonly rows: Row[];
  /** Rows the statement returned or changed. */
  readonly rowCount: number;
}

export interface Queryable {
  /**
   * @param sql one statement with `$1…` placeholders; without parameters also several, and the last one's result is given
   * @throws {SqlError} the statement was refused; `code` is its SQLSTATE
   * @throws {StorageFullError} nothing more can be written; reading may still work
   * @throws {StorageTimeoutError} the statement was given up
   * @throws {StorageUnavailableError} the database is down; whether a write in flight was kept is not known
   */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
}

/** Where rooms keep what must outlive the process: plain SQL, as Postgres understands it. */
export interface Database extends Queryable, AsyncDisposable {
  /**
   * Commits when `work` resolves, rolls back when it throws. Inside `work` use `tx` alone: the embedded database has one
   * session, so a `query` on the database would wait for this very transaction.
   * @throws {StorageBusyError} too many callers were waiting, or the wait took too long (`query` throws it as well)
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

/** A database that also tells, at once, what is sent with `pg_notify`. Only the embedded one does: all who write to it are in its process. */
export interface NotifyingDatabase extends Database {
  /**
   * @param hear gets the payload of every notification from now on; some may be missed while the database starts anew
   * @returns how to stop
   */
  listen(channel: string, hear: (payload: string) => void): Promise<() => void>;
}

export function isNotifying(database: Database): database is NotifyingDatabase {
  return "listen" in database;
}
