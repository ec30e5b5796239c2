import { Worker } from "node:worker_threads";
import { threadFile } from "../../foundation/index.ts";
import type { Living } from "../reviving.ts";
import { errorOfFault } from "../speech-fault.ts";
import type { WorkerCall, WorkerNews, WorkerNotice, WorkerStart, WorkerValue } from "./worker-protocol.ts";

interface Pending {
  readonly resolve: (value: WorkerValue) => void;
  readonly reject: (failure: Error) => void;
  readonly timer: NodeJS.Timeout;
}

type Unnumbered<Call> = Call extends WorkerCall ? Omit<Call, "id"> : never;

/** One life of the inference worker. A call that is not answered in time ends it: a thread that hangs answers nobody else either. */
export class InferenceThread implements Living {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #death: Error | undefined;

  /** @param other something else for the thread to run */
  constructor(start: WorkerStart, other?: URL) {
    const { file, argv } = other === undefined ? inferenceWorker : { file: other, argv: [] };
    this.#worker = new Worker(file, {
      argv: [...argv],
      workerData: start,
      execArgv: [],
      resourceLimits,
      name: "speech",
    });
    this.#worker.on("message", (news: WorkerNews) => this.#hear(news));
    this.#worker.on("error", (failure) => this.#die(failure));
    this.#worker.on("exit", (code) => this.#die(new Error(`The inference worker ended with status ${code}.`)));
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /** @throws what the worker answers; that it died; that it did not answer within `timeoutMs` */
  call(call: Unnumbered<WorkerCall>, timeoutMs: number): Promise<WorkerValue> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.#end(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      const transfer = "samples" in call ? [call.samples.buffer as ArrayBuffer] : [];
      this.#worker.postMessage({ ...call, id }, transfer);
    });
  }

  tell(notice: WorkerNotice): void {
    if (this.#death === undefined) this.#worker.postMessage(notice);
  }

  end(): Promise<void> {
    return this.#end(new Error("The inference worker was closed."));
  }

  async #end(cause: Error): Promise<void> {
    this.#die(cause);
    await this.#worker.terminate();
  }

  #hear(news: WorkerNews): void {
    const pending = this.#pending.get(news.id);
    this.#pending.delete(news.id);
    clearTimeout(pending?.timer);
    if (news.kind === "result") pending?.resolve(news.value);
    else pending?.reject(errorOfFault(news.fault));
  }

  #die(cause: Error): void {
    this.#death ??= cause;
    const unanswered = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of unanswered) {
      clearTimeout(timer);
      reject(cause);
    }
  }
}

/** Far above what decoding takes; a runaway ends the thread and not the process. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

const inferenceWorker = threadFile(new URL("./inference-worker.ts", import.meta.url));
