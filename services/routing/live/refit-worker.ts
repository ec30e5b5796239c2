import { parentPort, workerData } from "node:worker_threads";
import { PlatformError } from "../../foundation/index.ts";
import { refitNow } from "./refit.ts";
import type { RefitNews, RefitStart } from "./refit-protocol.ts";

// The training thread: one question, one answer, then it ends. What nobody foresaw ends it with an error.
const { question, folders } = workerData as RefitStart;

function tell(news: RefitNews): void {
  parentPort?.postMessage(news);
}

try {
  const answer = refitNow(question, folders, (share) => tell({ kind: "progress", share }));
  tell({ kind: "answer", answer });
} catch (failure) {
  if (!(failure instanceof PlatformError)) throw failure;
  const { code, status, message, messageTr } = failure;
  tell({ kind: "refused", fault: { code, status, message, ...(messageTr === undefined ? {} : { messageTr }) } });
}
