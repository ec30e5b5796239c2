import { EventEmitter, once } from "node:events";
import { afterEach } from "vitest";
import type { Logger } from "../../../services/foundation/index.ts";
import {
  createHttpEndpoint,
  type Pace,
  RunpodWorker,
  type WorkerEnd,
  type WorkerLimits,
} from "../../../services/runpod/index.ts";
import type { RunCall, RunJob, RunOutput } from "../../../services/serverless/index.ts";
import { type ScriptedEndpoint, startRunpodEndpoint } from "../../support/runpod-endpoint.ts";

/** Quick where a test waits for it, and longer than any test where it must not pass by itself. */
export const quickPace: Pace = {
  takeTimeoutMs: 60_000,
  pingTimeoutMs: 60_000,
  partTimeoutMs: 60_000,
  callTimeoutMs: 60_000,
  emptyPauseMs: 1,
  throttledPauseMs: 1,
  firstPauseMs: 1,
  longestPauseMs: 1,
  outcomeTries: 3,
  partTries: 1,
  farewellMs: 60_000,
};

export interface TestWorkerOptions {
  /** Default: answers each prompt with itself, in capitals. */
  readonly runJob?: RunJob;
  readonly limits?: Partial<WorkerLimits>;
  readonly pace?: Partial<Pace>;
  readonly stream?: boolean;
  readonly nowMs?: () => number;
  readonly urls?: Partial<ScriptedEndpoint["urls"]>;
}

export interface TestWorker {
  readonly endpoint: ScriptedEndpoint;
  readonly log: readonly Record<string, unknown>[];
  readonly ended: Promise<WorkerEnd>;
  close(): Promise<void>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An endpoint that goes with the test. */
export async function testEndpoint(): Promise<ScriptedEndpoint> {
  const endpoint = await startRunpodEndpoint();
  closers.push(() => endpoint.close());
  return endpoint;
}

/** A worker on `endpoint` that ends with the test. */
export function startWorker(endpoint: ScriptedEndpoint, options: TestWorkerOptions = {}): TestWorker {
  const log: Record<string, unknown>[] = [];
  const note = (facts: object, event: string): void => void log.push({ ...facts, event });
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const pace = { ...quickPace, ...options.pace };
  const client = createHttpEndpoint({
    ...endpoint.urls,
    ...options.urls,
    apiKey: "anahtar",
    workerId: "işçi 1",
    pace,
  });
  const worker = new RunpodWorker({
    endpoint: client,
    runJob: options.runJob ?? (async (call) => outputOf(promptOf(call).toUpperCase())),
    workerId: "işçi 1",
    stream: options.stream ?? true,
    limits: {
      concurrency: 1,
      jobTimeoutMs: 60_000,
      idleExitMs: 0,
      drainMs: 1,
      refreshAfterJobs: 0,
      pingIntervalMs: 1,
      ...options.limits,
    },
    pace,
    log: logger,
    nowMs: options.nowMs ?? (() => performance.now()),
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= worker[Symbol.asyncDispose]().then(() => client[Symbol.asyncDispose]());
    return closing;
  };
  closers.push(close);
  return { endpoint, log, ended: worker.ended, close };
}

export function promptOf({ input }: RunCall): string {
  return String((input as { prompt?: unknown } | undefined)?.prompt);
}

export function outputOf(response: string): RunOutput {
  const usage = {
    prompt_tokens: 1,
    completion_tokens: 1,
    total_tokens: 2,
    prompt_tokens_details: { cached_tokens: 0 },
  };
  return { response, messages: [], status: "success", sector: null, usage };
}

export function job(id: string, prompt = id): object {
  return { id, input: { prompt } };
}

/** A handler that waits in each job until it is let go, or broken off. */
export function heldJobs() {
  const waiting = new Map<string, () => void>();
  const begun: string[] = [];
  const changes = new EventEmitter();
  let most = 0;
  const runJob: RunJob = async (call, signal) => {
    signal.throwIfAborted();
    begun.push(call.id);
    await new Promise<void>((resolve, reject) => {
      waiting.set(call.id, resolve);
      most = Math.max(most, waiting.size);
      changes.emit("change");
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }).finally(() => waiting.delete(call.id));
    return outputOf(call.id);
  };
  return {
    runJob,
    begun,
    /** Most that ran at once. */
    most: () => most,
    /** Waits until it runs. */
    started: async (id: string): Promise<void> => {
      while (!waiting.has(id)) await once(changes, "change");
    },
    finish: (id: string) => waiting.get(id)?.(),
  };
}
