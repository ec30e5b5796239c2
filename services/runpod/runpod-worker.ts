import { type Logger, pause } from "../foundation/index.ts";
import type { RunJob } from "../serverless/index.ts";
import type { JobEndpoint, TakeAnswer } from "./endpoint.ts";
import { WorkerStoppingError } from "./errors.ts";
import { beat } from "./heartbeat.ts";
import { JobSlots } from "./job-slots.ts";
import { type Pace, Patience } from "./pace.ts";
import { runTaken } from "./run-taken.ts";
import { watchStops } from "./watch-stops.ts";

export interface WorkerLimits {
  /** Jobs at once, ≥ 1. */
  readonly concurrency: number;
  readonly jobTimeoutMs: number;
  /** 0 = never. */
  readonly idleExitMs: number;
  /** How long running jobs may go on when the worker ends. */
  readonly drainMs: number;
  /** 0 = never. */
  readonly refreshAfterJobs: number;
  readonly pingIntervalMs: number;
}

export interface RunpodWorkerParts {
  readonly endpoint: JobEndpoint;
  readonly runJob: RunJob;
  readonly workerId: string;
  readonly stream: boolean;
  readonly limits: WorkerLimits;
  readonly pace: Pace;
  readonly log: Logger;
  /** Since the process began. */
  readonly nowMs: () => number;
}

/** No job came for too long; it has done as many as it may; it was told to end. */
export type WorkerEnd = "idle" | "refresh" | "stopped";

/** Takes jobs from an endpoint and runs them, from its making to its disposal, which lets running jobs finish within their limit. */
export class RunpodWorker implements AsyncDisposable {
  /** Settles when it takes no more; running jobs may go on. */
  readonly ended: Promise<WorkerEnd>;
  readonly #parts: RunpodWorkerParts;
  readonly #slots: JobSlots;
  readonly #background: Promise<unknown>;
  readonly #leave = new AbortController();
  readonly #silence = new AbortController();
  #accepted = 0;
  #settled = 0;
  #busyAtMs: number;

  constructor(parts: RunpodWorkerParts) {
    const { endpoint, limits, pace, log, nowMs, workerId } = parts;
    this.#parts = parts;
    const coldStartMs = nowMs();
    this.#busyAtMs = coldStartMs;
    const run = {
      ...parts,
      jobTimeoutMs: limits.jobTimeoutMs,
      coldStartMs,
      settled: () => this.#isLast(),
      giveUp: this.#silence.signal,
    };
    this.#slots = new JobSlots(limits.concurrency, async (job, signal) => {
      await runTaken(run, job, signal);
      this.#busyAtMs = nowMs();
    });
    log.info({ coldStartMs: Math.round(coldStartMs), workerId, concurrency: limits.concurrency }, "worker-ready");
    const slots = this.#slots;
    const heartbeat = { endpoint, intervalMs: limits.pingIntervalMs, jobIds: () => slots.ids, log };
    this.#background = Promise.all([
      ...(endpoint.pings ? [beat(heartbeat, this.#silence.signal)] : []),
      watchStops({ endpoint, slots, pace, log, nowMs }, this.#silence.signal),
    ]);
    this.ended = this.#take();
  }

  /** Takes no more jobs. A job that is handed out at this very moment is the endpoint's to hand out again: no heartbeat names it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { limits, pace, log } = this.#parts;
    this.#leave.abort();
    log.info({ jobs: this.#slots.ids.length }, "worker-drains");
    await this.ended;
    if (!(await this.#slots.emptied(AbortSignal.timeout(limits.drainMs)))) {
      log.warn({ jobs: this.#slots.ids.length }, "worker-breaks-jobs-off");
      this.#slots.stopAll(new WorkerStoppingError());
      await this.#slots.emptied(AbortSignal.timeout(pace.farewellMs));
    }
    this.#silence.abort();
    await this.#background;
  }

  async #take(): Promise<WorkerEnd> {
    const { endpoint, pace, nowMs } = this.#parts;
    const { signal } = this.#leave;
    const patience = new Patience(pace);
    while (!signal.aborted) {
      const most = this.#wanted();
      if (most === "enough") return "refresh";
      if (most === 0) {
        await this.#slots.changed(signal);
        continue;
      }
      const askedMs = nowMs();
      const busy = this.#slots.ids.length > 0;
      const answer: TakeAnswer = await endpoint.take(most, busy, signal).catch(() => ({ type: "none" }));
      const brought = this.#accept(answer);
      if (this.#isIdle()) return "idle";
      // An endpoint that keeps handing out what cannot be used is asked no more often than an empty one.
      const type = answer.type === "jobs" && !brought ? "none" : answer.type;
      await pause(patience.pauseMs(type, nowMs() - askedMs), signal);
    }
    return "stopped";
  }

  #wanted(): number | "enough" {
    const { refreshAfterJobs } = this.#parts.limits;
    if (refreshAfterJobs === 0) return this.#slots.room;
    return this.#isRefreshing() ? "enough" : Math.min(this.#slots.room, refreshAfterJobs - this.#accepted);
  }

  /** @returns whether there is a new job among them */
  #accept(answer: TakeAnswer): boolean {
    const { log } = this.#parts;
    if (answer.type === "failed") log.warn({ reason: answer.reason }, "take-failed");
    if (answer.type !== "jobs") return false;
    if (answer.malformed > 0) log.warn({ jobs: answer.malformed }, "jobs-malformed");
    const before = this.#accepted;
    for (const job of answer.jobs) {
      if (this.#slots.add(job)) this.#accepted += 1;
      else log.warn({ jobId: job.id }, "job-handed-out-twice");
    }
    return this.#accepted > before;
  }

  #isLast(): boolean {
    this.#settled += 1;
    return this.#isRefreshing() && this.#settled === this.#accepted;
  }

  #isRefreshing(): boolean {
    const { refreshAfterJobs } = this.#parts.limits;
    return refreshAfterJobs > 0 && this.#accepted >= refreshAfterJobs;
  }

  #isIdle(): boolean {
    const { limits, nowMs } = this.#parts;
    return limits.idleExitMs > 0 && this.#slots.ids.length === 0 && nowMs() - this.#busyAtMs >= limits.idleExitMs;
  }
}
