import { Worker } from "node:worker_threads";
import { threadFile, within } from "../../foundation/index.ts";
import { StorageTimeoutError, StorageUnavailableError } from "../errors.ts";
import { errorOf } from "./error-of-fault.ts";
import type { WorkerCall, WorkerNews, WorkerResult, WorkerStart } from "./worker-protocol.ts";

interface Pending {
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (failure: Error) => void;
}

export type NotificationListener = (channel: string, payload: string) => void;

/** One life of the database's worker thread: once it has died every call is refused, and a new connection is needed. */
export class PgliteConnection {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #onNotification: NotificationListener;
  #lastId = 0;
  #death: Error | undefined;

  private constructor(worker: Worker, onNotification: NotificationListener) {
    this.#worker = worker;
    this.#onNotification = onNotification;
    worker.on("message", (news: WorkerNews) => this.#hear(news));
    worker.on("error", (failure) => this.#die(new StorageUnavailableError(failure)));
    worker.on("exit", () => this.#die(new StorageUnavailableError()));
  }

  /**
   * Starts a worker on `folder`; a folder without a database gets one first, which takes seconds.
   * @throws {StorageFullError | StorageUnavailableError | StorageTimeoutError}
   */
  static async open(
    folder: string,
    timeoutMs: number,
    onNotification: NotificationListener,
  ): Promise<PgliteConnection> {
    const worker = startWorker({ folder });
    const connection = new PgliteConnection(worker, onNotification);
    try {
      await within(timeoutMs, untilReady(worker), () => new StorageTimeoutError(timeoutMs));
      return connection;
    } catch (failure) {
      await worker.terminate();
      throw failure;
    }
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /** @param timeoutMs after it the worker is ended: nothing else stops a statement inside WebAssembly, and its work is rolled back */
  query(sql: string, params: readonly unknown[], timeoutMs: number): Promise<WorkerResult> {
    return this.#call((id) => ({ kind: "query", id, sql, params }), timeoutMs);
  }

  /** Shuts the database down; one that does not answer in time is ended all the same, and recovers when next opened. */
  async close(timeoutMs: number): Promise<void> {
    if (this.alive) await this.#call((id) => ({ kind: "close", id }), timeoutMs).catch(() => undefined);
    await this.end();
  }

  /** Ends the worker at once, as `kill -9` would. */
  async end(cause: Error = new StorageUnavailableError()): Promise<void> {
    this.#die(cause);
    await this.#worker.terminate();
  }

  async #call(compose: (id: number) => WorkerCall, timeoutMs: number): Promise<WorkerResult> {
    if (this.#death !== undefined) throw new StorageUnavailableError(this.#death);
    const id = ++this.#lastId;
    const answer = new Promise<WorkerResult>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage(compose(id));
    });
    return within(timeoutMs, answer, () => {
      const late = new StorageTimeoutError(timeoutMs);
      this.#pending.delete(id);
      void this.end(late);
      return late;
    });
  }

  #hear(news: WorkerNews): void {
    if (news.kind === "ready") return;
    if (news.kind === "notification") {
      this.#onNotification(news.channel, news.payload);
      return;
    }
    if (news.kind === "dead") {
      void this.end(errorOf(news.fault));
      return;
    }
    const pending = this.#pending.get(news.id);
    this.#pending.delete(news.id);
    if (news.kind === "result") {
      pending?.resolve(news.result);
      return;
    }
    const failure = errorOf(news.fault);
    pending?.reject(failure);
    if (news.fault.fatal) void this.end(failure);
  }

  #die(cause: Error): void {
    if (this.#death !== undefined) return;
    this.#death = cause;
    const unanswered = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of unanswered) reject(cause);
  }
}

function untilReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", (news: WorkerNews) => {
      if (news.kind === "dead") reject(errorOf(news.fault));
      else resolve();
    });
    worker.once("error", (failure) => reject(new StorageUnavailableError(failure)));
    worker.once("exit", () => reject(new StorageUnavailableError()));
  });
}

function startWorker(start: WorkerStart): Worker {
  const { file, argv } = threadFile(new URL("./pglite-worker.ts", import.meta.url));
  return new Worker(file, { argv: [...argv], workerData: start, execArgv: [] });
}
