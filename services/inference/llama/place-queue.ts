import { EngineSaturatedError } from "../errors.ts";

/** Who waits for a place in a lane, first come first served. */
export class PlaceQueue {
  readonly #queues = new Map<object, (() => void)[]>();
  #waiting = 0;

  /** How many wait, over all lanes. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * @param tryClaim answers undefined while the lane is full
   * @throws {EngineSaturatedError} `deadline` fired first
   */
  async claim<T>(lane: object, deadline: AbortSignal, tryClaim: () => Promise<T | undefined>): Promise<T> {
    const queue = this.#queues.get(lane) ?? [];
    this.#queues.set(lane, queue);
    if (queue.length === 0) {
      const claimed = await tryClaim();
      if (claimed !== undefined) return claimed;
    }
    return await this.#queued(queue, deadline, tryClaim);
  }

  /** A place in `lane` has become free. */
  freed(lane: object): void {
    this.#queues.get(lane)?.[0]?.();
  }

  async #queued<T>(queue: (() => void)[], deadline: AbortSignal, tryClaim: () => Promise<T | undefined>): Promise<T> {
    let wake: () => void = () => {};
    // A place may come free while the last attempt is still being answered: that must not be forgotten.
    let called = false;
    const turn = (): void => {
      called = true;
      wake();
    };
    queue.push(turn);
    this.#waiting++;
    try {
      for (;;) {
        if (deadline.aborted) throw new EngineSaturatedError(2);
        called = false;
        if (queue[0] === turn) {
          const claimed = await tryClaim();
          if (claimed !== undefined) return claimed;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (called || deadline.aborted) resolve();
          else deadline.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    } finally {
      this.#waiting--;
      queue.splice(queue.indexOf(turn), 1);
      // Whoever is first now may find more than one place free.
      queue[0]?.();
    }
  }
}
