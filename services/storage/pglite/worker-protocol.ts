/** What the database's process side and its worker thread say to each other. */
export interface WorkerStart {
  /** PGlite's own folder. */
  readonly folder: string;
}

export type WorkerCall =
  | { readonly kind: "query"; readonly id: number; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: "close"; readonly id: number };

export interface WorkerResult {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number;
  /** The statement's command tag: `SELECT`, `COMMIT`, … */
  readonly command: string;
  /** Columns that travelled as plain bytes and are Buffers in `pg`. */
  readonly byteColumns: readonly string[];
}

/** An error taken apart, since its class does not survive the way between threads. */
export interface WorkerFault {
  readonly message: string;
  /** SQLSTATE, or a file system's code such as ENOSPC. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly constraint?: string | undefined;
  /** The database behind this worker is gone; only a new worker helps. */
  readonly fatal: boolean;
}

export type WorkerNews =
  | { readonly kind: "ready" }
  /** The database did not start, or has ended; there will be no more answers. */
  | { readonly kind: "dead"; readonly fault: WorkerFault }
  /** Somebody called `pg_notify` on a channel this session listens to. */
  | { readonly kind: "notification"; readonly channel: string; readonly payload: string }
  | { readonly kind: "result"; readonly id: number; readonly result: WorkerResult }
  | { readonly kind: "failure"; readonly id: number; readonly fault: WorkerFault };
