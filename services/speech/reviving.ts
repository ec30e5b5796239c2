/** One life of something that can die: a thread, a process. */
export interface Living {
  readonly alive: boolean;
  /** Ends it at once; safe to call again. */
  end(): Promise<void>;
}

export interface RevivingOptions<T> {
  /** @param closing fires when nobody wants it any more */
  readonly open: (closing: AbortSignal) => Promise<T>;
  /** Whoever asks after `close`, or too soon after a life ended. One that asks too soon after a start that failed gets its failure. */
  readonly refusal: () => Error;
  readonly nowMs?: () => number;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** What lived this long was healthy: its end is a new story. */
const healthyAfterMs = 60_000;

/**
 * Starts something when it is first asked for and again after it died. The first end is made good at once; the more often
 * it ends early, the further apart its starts are, and in between callers are refused instead of waiting.
 */
export class Reviving<T extends Living> {
  readonly #options: RevivingOptions<T>;
  readonly #nowMs: () => number;
  #living: T | undefined;
  #opening: Promise<T> | undefined;
  #openedAtMs = 0;
  /** Starts in a row that failed, or whose life ended early. */
  #failures = 0;
  #lastFailure: Error | undefined;
  readonly #closing = new AbortController();

  constructor(options: RevivingOptions<T>) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** The one that lives now, if any. */
  get living(): T | undefined {
    return this.#living?.alive === true ? this.#living : undefined;
  }

  /** The living one, started if need be. Callers at the same time share one start. */
  get(): Promise<T> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#options.refusal());
    const { living } = this;
    if (living !== undefined) return Promise.resolve(living);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opening?.catch(() => undefined);
    await this.#living?.end();
  }

  async #open(): Promise<T> {
    this.#mourn();
    const now = this.#nowMs();
    if (this.#failures > 1 && now - this.#openedAtMs < pauseMs(this.#failures))
      throw this.#lastFailure ?? this.#options.refusal();
    this.#openedAtMs = now;
    try {
      const living = await this.#options.open(this.#closing.signal);
      this.#living = living;
      if (!this.#closing.signal.aborted) return living;
    } catch (failure) {
      this.#failures += 1;
      this.#lastFailure = failure instanceof Error ? failure : undefined;
      this.#openedAtMs = this.#nowMs();
      throw failure;
    }
    await this.#living.end();
    throw this.#options.refusal();
  }

  /** Takes note of a life that has ended. */
  #mourn(): void {
    if (this.#living === undefined) return;
    this.#living = undefined;
    this.#lastFailure = undefined;
    this.#failures = this.#nowMs() - this.#openedAtMs > healthyAfterMs ? 1 : this.#failures + 1;
  }
}

/** Between the beginnings of two lives. */
function pauseMs(failures: number): number {
  return Math.min(firstPauseMs * 2 ** (failures - 2), longestPauseMs);
}
