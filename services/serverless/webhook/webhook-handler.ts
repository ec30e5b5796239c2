import type { JobHandler, Jobs } from "../../jobs/index.ts";
import { RunNotFoundError, WebhookFailedError } from "../errors.ts";
import { runIdOf } from "../run-id.ts";
import { runStatusOf } from "../run-status.ts";
import { settleMs } from "./add-webhook.ts";
import type { SendWebhook } from "./send-webhook.ts";

/** Tells a caller's address what became of a job: the body is that of `/status`. */
export function createWebhookHandler(jobs: Pick<Jobs, "waitFor">, send: SendWebhook): JobHandler<"webhook"> {
  return async ({ jobId, url }, { signal }) => {
    const job = await jobs.waitFor(jobId, settleMs, signal);
    // Forgotten, so there is nothing to tell, now or later.
    if (job?.name !== "serverless-run") throw new RunNotFoundError();
    // Its worker was killed just before the end; it runs again.
    if (job.endedAt === null) throw new WebhookFailedError("the job has not ended yet");
    const status = runStatusOf(job);
    return { status: await send({ url, jobId: runIdOf(jobId), body: JSON.stringify(status) }, signal) };
  };
}
