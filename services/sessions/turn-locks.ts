import { FairLock } from "../foundation/fair-lock.ts";
import { SessionBusyError } from "./errors.ts";
import type { SessionStoreOptions } from "./session-store.ts";

/** One running turn per session within this process, first come first served. */
export class TurnLocks {
  readonly #locks = new Map<string, FairLock>();
  readonly #waitMs: number;
  readonly #maxWaiting: number;

  constructor({
    turnWaitMs = 30_000,
    maxWaitingTurns = 8,
  }: Pick<SessionStoreOptions, "turnWaitMs" | "maxWaitingTurns">) {
    this.#waitMs = turnWaitMs;
    this.#maxWaiting = maxWaitingTurns;
  }

  /** @throws {SessionBusyError} the wait was too long, or too many wait */
  async withTurn<T>(id: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const lock = this.#locks.get(id) ?? new FairLock(this.#maxWaiting);
    this.#locks.set(id, lock);
    const release = await lock.acquire(this.#waitMs, signal);
    if (typeof release === "string") throw new SessionBusyError();
    try {
      return await work();
    } finally {
      release();
      if (lock.idle) this.#locks.delete(id);
    }
  }
}
