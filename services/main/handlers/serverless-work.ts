import type { JobHandlers, Jobs } from "../../jobs/index.ts";
import type { RunJob } from "../../serverless/index.ts";
import { createRunHandler } from "../../serverless/run-handler.ts";
import { addWebhook } from "../../serverless/webhook/add-webhook.ts";
import { createSendWebhook } from "../../serverless/webhook/send-webhook.ts";
import { createWebhookHandler } from "../../serverless/webhook/webhook-handler.ts";
import type { Settings } from "../../settings/index.ts";

/** What a process that runs serverless jobs does with them. @throws {RangeError} a network of the webhooks' settings is none */
export function serverlessWork(
  { serverless: { webhook } }: Pick<Settings, "serverless">,
  jobs: Pick<Jobs, "add" | "waitFor">,
  runJob: RunJob,
): Required<Pick<JobHandlers, "serverless-run" | "webhook">> {
  return {
    "serverless-run": { run: createRunHandler(runJob), ending: (job) => addWebhook(jobs, webhook, job) },
    webhook: { run: createWebhookHandler(jobs, createSendWebhook(webhook)) },
  };
}
