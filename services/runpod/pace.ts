/** How patient a worker is with its endpoint; all but the tries in ms. */
export interface Pace {
  /** Longest wait for an answer about jobs; the endpoint may hold it back until there is one. */
  readonly takeTimeoutMs: number;
  /** Longest wait for the answer to a heartbeat: the next one waits for it. */
  readonly pingTimeoutMs: number;
  /** Longest wait for the answer to a piece of a reply: the outcome waits for it. */
  readonly partTimeoutMs: number;
  /** Longest wait for any other answer. */
  readonly callTimeoutMs: number;
  /** Least time between two questions that brought nothing: an endpoint need not hold back its answers. */
  readonly emptyPauseMs: number;
  /** Pause after being told to ask less often. */
  readonly throttledPauseMs: number;
  /** Pause after a failure; doubles with each further one, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How often an outcome is posted before it is given up for lost; a piece of a reply. */
  readonly outcomeTries: number;
  readonly partTries: number;
  /** What a worker that ends leaves its jobs for telling that they were broken off. */
  readonly farewellMs: number;
}

/** The endpoint's own client has the same 90 s and 5 s. */
export const defaultPace: Pace = {
  takeTimeoutMs: 90_000,
  pingTimeoutMs: 10_000,
  partTimeoutMs: 10_000,
  callTimeoutMs: 30_000,
  emptyPauseMs: 500,
  throttledPauseMs: 5_000,
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  outcomeTries: 5,
  partTries: 3,
  farewellMs: 8_000,
};

/** The pause after so many failures in a row, ≥ 1. */
export function failurePauseMs({ firstPauseMs, longestPauseMs }: Pace, failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 30));
}

/** Says how long to wait before asking again, after what the last question brought. */
export class Patience {
  readonly #pace: Pace;
  #failures = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @param tookMs how long the answer was in coming */
  pauseMs(answer: string, tookMs: number): number {
    this.#failures = answer === "failed" ? this.#failures + 1 : 0;
    if (answer === "jobs") return 0;
    if (answer === "failed") return failurePauseMs(this.#pace, this.#failures);
    if (answer === "throttled") return this.#pace.throttledPauseMs;
    return Math.max(0, this.#pace.emptyPauseMs - tookMs);
  }
}
