import type { PlatformError } from "../../foundation/index.ts";
import type { RefitFigures } from "./refit-figures.ts";
import type { RunTimeSector } from "./run-time-sector.ts";

/** A training that did not go live, kept so that whoever asks later hears why. */
export interface FailedAttempt {
  readonly sector: RunTimeSector;
  readonly failure: PlatformError;
  readonly figures: RefitFigures | null;
}

/** The latest failure of each sector; the oldest are forgotten first. */
export class FailedAttempts {
  readonly #most: number;
  readonly #attempts = new Map<string, FailedAttempt>();

  constructor(most: number) {
    this.#most = most;
  }

  get(id: string): FailedAttempt | undefined {
    return this.#attempts.get(id);
  }

  add(attempt: FailedAttempt): void {
    this.#attempts.delete(attempt.sector.id);
    this.#attempts.set(attempt.sector.id, attempt);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > this.#most && oldest !== undefined) this.#attempts.delete(oldest);
  }

  delete(id: string): void {
    this.#attempts.delete(id);
  }
}
