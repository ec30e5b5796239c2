/** Lets go of what was acquired; calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  readonly admit: () => void;
}

/** One holder at a time, first come first served; the queue is bounded and nobody waits for ever. */
export class FairLock {
  readonly #maxWaiting: number;
  readonly #waiting: Waiter[] = [];
  #held = false;

  /** @param maxWaiting callers that may queue behind the holder, ≥ 0 */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Whether nobody holds it. */
  get idle(): boolean {
    return !this.#held;
  }

  /**
   * @param waitMs longest wait for one's turn
   * @returns how to let go, or why the lock could not be had: the queue was `"full"`, the wait took too long (`"late"`)
   * @throws the signal's reason, when it fires before the lock is had
   */
  async acquire(waitMs: number, signal?: AbortSignal): Promise<Release | "full" | "late"> {
    signal?.throwIfAborted();
    if (!this.#held) {
      this.#held = true;
      return this.#release();
    }
    if (this.#waiting.length >= this.#maxWaiting) return "full";
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abandon);
        const place = this.#waiting.indexOf(waiter);
        if (place >= 0) this.#waiting.splice(place, 1);
      };
      const waiter: Waiter = {
        admit: () => {
          leave();
          resolve(this.#release());
        },
      };
      const abandon = () => {
        leave();
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        leave();
        resolve("late");
      }, waitMs);
      signal?.addEventListener("abort", abandon, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #release(): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.#waiting[0];
      if (next === undefined) this.#held = false;
      else next.admit();
    };
  }
}
