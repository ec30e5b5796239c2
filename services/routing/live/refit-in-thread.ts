import { Worker } from "node:worker_threads";
import { PlatformError, threadFile } from "../../foundation/index.ts";
import { RouterTrainingFailedError } from "./errors.ts";
import type { Refit, RefitAnswer, RefitFolders } from "./refit.ts";
import type { RefitNews, RefitStart } from "./refit-protocol.ts";

export interface RefitThreadOptions extends RefitFolders {
  /** Longest training; the thread is ended after it. */
  readonly timeoutMs: number;
}

const { file, argv } = threadFile(new URL("./refit-worker.ts", import.meta.url));

/** A training in a thread of its own, which lives for that training only. */
export function createThreadRefit({ datasets, weights, timeoutMs }: RefitThreadOptions): Refit {
  return async (question, { signal, onProgress }) => {
    signal.throwIfAborted();
    const start: RefitStart = { question, folders: { datasets, weights } };
    const worker = new Worker(file, { argv: [...argv], workerData: start, execArgv: [] });
    try {
      return await new Promise<RefitAnswer>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new RouterTrainingFailedError(`it took longer than ${timeoutMs / 1000} s`)),
          timeoutMs,
        );
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        worker.on("message", (news: RefitNews) => {
          if (news.kind === "progress") onProgress(news.share);
          else if (news.kind === "answer") resolve(news.answer);
          else reject(new PlatformError(news.fault));
        });
        worker.once("error", (cause) => reject(new RouterTrainingFailedError("the training thread broke", cause)));
        worker.once("exit", () => {
          clearTimeout(timer);
          reject(new RouterTrainingFailedError("the training thread ended"));
        });
      });
    } finally {
      // Nothing else stops a loop that computes; a thread that has answered is ending anyway.
      await worker.terminate();
    }
  };
}
