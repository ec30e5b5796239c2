import { checkedMessage, checkHistory, type MessageLimits } from "../conversation/index.ts";
import type { EngineStatus } from "../inference/index.ts";
import type { AddOptions, Jobs, PayloadOf } from "../jobs/index.ts";
import type { Settings } from "../settings/index.ts";
import { EndpointNotFoundError, RunNotFoundError, RunNotRetryableError } from "./errors.ts";
import { createQueueBound } from "./queue-bound.ts";
import { readRunHealth } from "./run-health.ts";
import { isWaitedFor, newRunId, queueIdOf, runIdOf } from "./run-id.ts";
import { readRunInput } from "./run-input.ts";
import { isStillKept, type RunQueueJob, runStateOf, runStatusOf } from "./run-status.ts";
import type { RunOwner, RunRequest, RunStatus, Serverless } from "./serverless.ts";
import { addWebhook } from "./webhook/add-webhook.ts";
import { checkedWebhookUrl, webhookRules } from "./webhook/webhook-address.ts";

export interface QueuedServerlessParts {
  readonly jobs: Jobs;
  readonly settings: Settings["serverless"];
  readonly limits: MessageLimits;
  readonly engineStatus: () => Promise<EngineStatus>;
  readonly newId: () => string;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

/** Longest wait for text that is not there yet; clients of this API give a call up after ten seconds. */
const streamWaitMs = 5_000;
/** How long a running job has to let go before its owner hears that it still runs. */
const cancelWaitMs = 2_000;
/** A webhook tells of a job by what the queue has kept of it. */
const keptForWebhookMs = 3_600_000;
/** Administrators see what failed for as long. */
const keptFailuresMs = 86_400_000;

/** @throws {RangeError} `settings.webhook.privateNetworks` holds something that is no network */
export function createQueuedServerless(parts: QueuedServerlessParts): Serverless {
  const { jobs, settings, nowMs } = parts;
  const rules = webhookRules(settings.webhook);
  const bound = createQueueBound(jobs, settings.maxQueued, nowMs);

  const assertEndpoint = (endpoint: string): void => {
    if (!settings.endpoints.includes(endpoint)) throw new EndpointNotFoundError(endpoint);
  };

  const owned = async (endpoint: string, owner: RunOwner, id: string): Promise<RunQueueJob> => {
    assertEndpoint(endpoint);
    const queueId = queueIdOf(id);
    const job = queueId === undefined ? undefined : await jobs.get(queueId);
    if (job === undefined || !isTheirs(job, endpoint, owner) || !isStillKept(job, settings, nowMs()))
      throw new RunNotFoundError();
    return job;
  };

  const add = async (endpoint: string, owner: RunOwner, request: RunRequest, isWaited: boolean): Promise<string> => {
    assertEndpoint(endpoint);
    const input = readRunInput(request.input);
    checkedMessage(input.prompt, parts.limits);
    checkHistory(input.messages ?? [], parts.limits);
    const { webhook } = request;
    if (webhook !== undefined) checkedWebhookUrl(webhook, rules);
    const { turn } = await bound.admit(owner.keyId);
    const payload: PayloadOf<"serverless-run"> = {
      endpoint,
      ...ownerOf(owner),
      input,
      ...(webhook === undefined ? {} : { webhook }),
    };
    const options = optionsOf(request, newRunId(parts.newId, isWaited), settings);
    return await jobs.add("serverless-run", payload, { ...options, turn });
  };

  const ended = async (queueId: string, waitMs: number, signal: AbortSignal): Promise<RunStatus> => {
    const job = await jobs.waitFor(queueId, waitMs, signal);
    if (job?.name !== "serverless-run") throw new RunNotFoundError();
    return runStatusOf(job);
  };

  return {
    run: async (endpoint, owner, request) => {
      const queueId = await add(endpoint, owner, request, false);
      return { id: runIdOf(queueId), status: "IN_QUEUE" };
    },

    runSync: async (endpoint, owner, request, waitMs, signal) =>
      await ended(await add(endpoint, owner, request, true), waitMs, signal),

    status: async (endpoint, owner, id, waitMs, signal) => {
      const job = await owned(endpoint, owner, id);
      return waitMs === 0 || job.endedAt !== null ? runStatusOf(job) : await ended(job.id, waitMs, signal);
    },

    stream: async (endpoint, owner, id, signal) => {
      const job = await owned(endpoint, owner, id);
      const part = await jobs.readOn(job.id, { waitMs: streamWaitMs, signal });
      const stream = (part?.chunks ?? []).map((chunk) => ({ output: String(chunk) }));
      const now = await owned(endpoint, owner, id);
      // Clients stop at a final status: it must not come before the last text.
      const isLast = part === undefined || part.ended;
      return { status: isLast || now.endedAt === null ? runStateOf(now) : "IN_PROGRESS", stream };
    },

    cancel: async (endpoint, owner, id, signal) => {
      const before = await owned(endpoint, owner, id);
      const job = await jobs.cancel(before.id);
      if (job?.name !== "serverless-run") throw new RunNotFoundError();
      // One that ran tells of itself when it lets go.
      if (before.endedAt === null && before.state !== "running" && job.state === "cancelled")
        await addWebhook(jobs, settings.webhook, job);
      return job.endedAt === null ? await ended(job.id, cancelWaitMs, signal) : runStatusOf(job);
    },

    retry: async (endpoint, owner, id) => {
      const job = await owned(endpoint, owner, id);
      const state = runStateOf(job);
      const isWaiting = state === "IN_QUEUE" || (["FAILED", "TIMED_OUT"].includes(state) && (await jobs.retry(job.id)));
      if (!isWaiting) throw new RunNotRetryableError(state);
      return { id, status: "IN_QUEUE" };
    },

    purge: async (endpoint, owner) => {
      assertEndpoint(endpoint);
      return await jobs.purge("serverless-run", (payload) => isOf(payload, endpoint, owner));
    },

    health: async (endpoint) => {
      assertEndpoint(endpoint);
      return await readRunHealth(jobs, parts.engineStatus);
    },
  };
}

function ownerOf({
  keyId,
  userId,
  sectors,
}: RunOwner): Pick<PayloadOf<"serverless-run">, "keyId" | "userId" | "sectors"> {
  return { keyId, userId, sectors: sectors === null ? null : [...sectors] };
}

function isTheirs(
  job: { readonly name: string; readonly payload: unknown },
  endpoint: string,
  owner: RunOwner,
): job is RunQueueJob {
  return (
    job.name === "serverless-run" &&
    job.payload !== null &&
    isOf(job.payload as PayloadOf<"serverless-run">, endpoint, owner)
  );
}

function isOf(payload: PayloadOf<"serverless-run">, endpoint: string, { keyId }: RunOwner): boolean {
  return payload.endpoint === endpoint && payload.keyId === keyId;
}

function optionsOf({ policy = {}, webhook }: RunRequest, id: string, settings: Settings["serverless"]): AddOptions {
  const keepMs = 1000 * (isWaitedFor(id) ? settings.keepSyncResultS : settings.keepResultS);
  const completed = Math.max(keepMs, webhook === undefined ? 0 : keptForWebhookMs);
  return {
    id,
    expireMs: policy.ttl ?? settings.ttlMs,
    timeoutMs: policy.executionTimeout ?? settings.executionTimeoutMs,
    lowPriority: policy.lowPriority ?? false,
    retainMs: { completed, failed: Math.max(completed, keptFailuresMs) },
  };
}
