import { EngineSaturatedError } from "../errors.ts";

/** Who waits for a place in a lane, first come first served. */
export class PlaceQueue {
  readonly #mayWait: () => boolean;
  readonly #queues = new WeakMap<object, (() => void)[]>();
  #waiting = 0;

  /** @param mayWait whether one more may join those who wait */
  constructor(mayWait: () => boolean) {
    this.#mayWait = mayWait;
  }

  /** How many wait, over all lanes. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * @param tryClaim answers undefined while the lane is full
   * @throws {EngineSaturatedError} too many wait already, or `deadline` fired first
   */
  async claim<T>(lane: object, deadline: AbortSignal, tryClaim: () => Promise<T | undefined>): Promise<T> {
    const queue = this.#queues.get(lane) ?? [];
    this.#queues.set(lane, queue);
    let wake: () => void = () => {};
    // A place may come free while the last attempt is still being answered: that must not be forgotten.
    let called = false;
    const turn = (): void => {
      called = true;
      wake();
    };
    const onDeadline = (): void => wake();
    let counted = false;
    queue.push(turn);
    deadline.addEventListener("abort", onDeadline, { once: true });
    try {
      for (;;) {
        if (deadline.aborted) throw new EngineSaturatedError(2, "no place came free in time");
        called = false;
        if (queue[0] === turn) {
          const claimed = await tryClaim();
          if (claimed !== undefined) return claimed;
        }
        if (!counted) {
          if (!this.#mayWait()) throw new EngineSaturatedError(2);
          counted = true;
          this.#waiting++;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (called || deadline.aborted) resolve();
        });
      }
    } finally {
      if (counted) this.#waiting--;
      deadline.removeEventListener("abort", onDeadline);
      queue.splice(queue.indexOf(turn), 1);
      // Whoever is first now may find more than one place free.
      queue[0]?.();
    }
  }

  /** A place in `lane` has become free. */
  freed(lane: object): void {
    this.#queues.get(lane)?.[0]?.();
  }
}
