import { join } from "node:path";
import { type Logger, pause, storable, within } from "../foundation/index.ts";
import { type Database, SqlError, StorageTimeoutError } from "../storage/index.ts";
import { insertRequests } from "./insert-requests.ts";
import type { OwnedRequestLog, RequestCounts } from "./request-log.ts";
import type { RequestRow } from "./request-row.ts";
import { damagedFile, Spool } from "./spool.ts";

export interface RequestLogOptions {
  /** This process's data folder; the spool is a folder in it. */
  readonly folder: string;
  /** Whether what was said is kept too. */
  readonly keepMessages: boolean;
  readonly logger?: Logger;
  /** Told of every count as it rises. */
  readonly onCount?: (what: keyof RequestCounts, rows: number) => void;
  /** Rows in memory, those on their way included; 10 000 unless told. */
  readonly maxWaiting?: number;
  /** Rows of one statement; 500 unless told. */
  readonly batchRows?: number;
  /** How long rows are gathered; 200 ms unless told. */
  readonly gatherMs?: number;
  /** Bytes of the spool; 256 MiB unless told. */
  readonly maxSpoolBytes?: number;
  /** Longest time closing waits for the database; 5 000 ms unless told. */
  readonly closeLimitMs?: number;
  readonly nowMs?: () => number;
}

const longestPauseMs = 5_000;
const segmentBytes = 1_048_576;

/**
 * Rows go from memory into the database in batches, behind the replies. While the database is away they go into files, and from there, in
 * order and each once, into the database when it is back; after a restart as well. A killed process loses what it gathered last.
 * @throws {NodeJS.ErrnoException} the spool's folder cannot be used
 */
export function createDatabaseRequestLog(database: Database, options: RequestLogOptions): OwnedRequestLog {
  return new DatabaseRequestLog(database, options);
}

class DatabaseRequestLog implements OwnedRequestLog {
  readonly #database: Database;
  readonly #options: RequestLogOptions;
  readonly #maxWaiting: number;
  readonly #batchRows: number;
  readonly #gatherMs: number;
  readonly #nowMs: () => number;
  readonly #spool: Spool<RequestRow>;
  readonly #closing = new AbortController();
  readonly #counts = { kept: 0, spooled: 0, refused: 0 };
  #queue: RequestRow[] = [];
  #onTheirWay = 0;
  #working: Promise<void> | undefined;
  #lastStep: Promise<void> = Promise.resolve();
  /** Why the database took nothing the last time; then it is left alone until `#retryAtMs`. */
  #failure: unknown;
  #retryAtMs = 0;
  #pauseMs = 0;

  constructor(database: Database, options: RequestLogOptions) {
    this.#database = database;
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? 10_000;
    this.#batchRows = options.batchRows ?? 500;
    this.#gatherMs = options.gatherMs ?? 200;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const maxBytes = options.maxSpoolBytes ?? 256 * 1_048_576;
    this.#spool = new Spool(join(options.folder, "requests"), { maxBytes, segmentBytes });
    if (!this.#spool.empty) this.#wake();
  }

  get counts(): RequestCounts {
    return { ...this.#counts };
  }

  record(row: RequestRow): void {
    if (this.#closing.signal.aborted || this.#queue.length + this.#onTheirWay >= this.#maxWaiting) {
      this.#count("refused", 1);
      return;
    }
    this.#queue.push(keptRow(row, this.#options.keepMessages));
    this.#wake();
  }

  async flush(): Promise<void> {
    while (!this.#idle) {
      this.#retryAtMs = 0;
      await this.#next();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async eraseUser(userId: string, sessionIds: readonly string[]): Promise<number> {
    // What is still on its way would come after the erasure.
    await this.flush();
    const { rowCount } = await this.#database.query(
      "delete from requests where user_id = $1 or session_id = any($2::text[])",
      [userId, sessionIds],
    );
    return rowCount;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const limitMs = this.#options.closeLimitMs ?? 5_000;
    await within(limitMs, this.flush(), () => new StorageTimeoutError(limitMs)).catch(() => undefined);
    // A step that still waits for the database finds it closed soon; what it had comes back to the queue.
    await within(limitMs, this.#lastStep, () => new StorageTimeoutError(limitMs)).catch(() => undefined);
    await this.#working;
    this.#spill();
    if (this.#queue.length > 0) this.#count("refused", this.#queue.length);
    this.#spool.close();
  }

  get #idle(): boolean {
    return this.#queue.length === 0 && this.#onTheirWay === 0 && this.#spool.empty;
  }

  #wake(): void {
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (!this.#idle && (await pause(this.#gatherMs, this.#closing.signal))) await this.#next();
    this.#working = undefined;
  }

  /** Steps never overlap: order is kept. */
  #next(): Promise<void> {
    // The spool's disk may fail as well; what it holds is tried again later.
    this.#lastStep = this.#lastStep.then(() => this.#step()).catch((failure: unknown) => this.#away(failure));
    return this.#lastStep;
  }

  async #step(): Promise<void> {
    // What is in the spool is older than what is in memory, so everything goes through it until it is empty.
    if (!this.#spool.empty) {
      this.#spill();
      if (this.#nowMs() >= this.#retryAtMs) await this.#replay();
      return;
    }
    const batch = this.#queue.splice(0, this.#batchRows);
    this.#onTheirWay = batch.length;
    const taken = await this.#insert(batch);
    this.#onTheirWay = 0;
    if (taken) return;
    this.#queue.unshift(...batch);
    this.#spill();
  }

  async #replay(): Promise<void> {
    const segment = this.#spool.oldest();
    if (segment === undefined) return;
    const { entries, damagedLines } = segment;
    for (let at = 0; at < entries.length; at += this.#batchRows) {
      if (!(await this.#insert(entries.slice(at, at + this.#batchRows)))) return;
    }
    segment.forget();
    if (damagedLines > 0) {
      this.#options.logger?.warn({ lines: damagedLines, file: damagedFile }, "request-spool-damaged");
      this.#count("refused", damagedLines);
    }
    if (this.#spool.empty) this.#options.logger?.info({ ...this.#counts }, "request-spool-replayed");
  }

  /** @returns whether the rows are done with: kept, or refused for ever */
  async #insert(rows: readonly RequestRow[]): Promise<boolean> {
    if (rows.length === 0) return true;
    try {
      this.#count("kept", await insertRequests(this.#database, rows));
      this.#failure = undefined;
      this.#pauseMs = 0;
      return true;
    } catch (failure) {
      if (!(failure instanceof SqlError)) {
        this.#away(failure);
        return false;
      }
      if (rows.length === 1) {
        this.#options.logger?.error({ failure: failure.code }, "request-row-refused");
        this.#count("refused", 1);
        return true;
      }
      // A row the database refuses today it refuses tomorrow: it must not hold up all others.
      for (const row of rows) if (!(await this.#insert([row]))) return false;
      return true;
    }
  }

  #away(failure: unknown): void {
    if (this.#failure === undefined) this.#options.logger?.warn({ failure: String(failure) }, "request-log-spools");
    this.#failure = failure;
    this.#pauseMs = Math.min(longestPauseMs, Math.max(250, this.#pauseMs * 2));
    this.#retryAtMs = this.#nowMs() + this.#pauseMs;
  }

  /** From memory to disk, as far as there is room. */
  #spill(): void {
    if (this.#queue.length === 0) return;
    try {
      const written = this.#spool.append(this.#queue);
      this.#queue = this.#queue.slice(written);
      if (written > 0) this.#count("spooled", written);
    } catch (failure) {
      this.#options.logger?.error({ failure: (failure as NodeJS.ErrnoException).code }, "request-spool-failed");
    }
  }

  #count(what: keyof RequestCounts, rows: number): void {
    if (rows === 0) return;
    this.#counts[what] += rows;
    this.#options.onCount?.(what, rows);
  }
}

function keptRow(row: RequestRow, keepMessages: boolean): RequestRow {
  return {
    ...row,
    userId: storable(row.userId),
    message: keepMessages ? storable(row.message) : null,
    reply: keepMessages ? storable(row.reply) : null,
  };
}
