import type { JobProgress } from "../jobs.ts";

const everyMs = 250;

/** Keeps the latest progress a few times a second; what comes in between is overtaken, the last one is not. */
export class ProgressKeeper {
  readonly #keep: (progress: JobProgress) => Promise<void>;
  #latest: JobProgress | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(keep: (progress: JobProgress) => Promise<void>) {
    this.#keep = keep;
  }

  set(progress: JobProgress): void {
    this.#latest = { done: progress.done, total: progress.total };
    this.#timer ??= setTimeout(() => void this.flush(), everyMs);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const latest = this.#latest;
    this.#latest = undefined;
    // A progress that is not kept is made up for by the next, or by the job's end.
    if (latest !== undefined) await this.#keep(latest).catch(() => undefined);
  }
}
