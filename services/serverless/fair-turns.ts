/** Turns go no further; after so many jobs of one owner without a pause, they are equal. */
const last = 1_000_000;

/**
 * Whose job is taken next: whoever had the fewest since the queue was last empty, so that a thousand jobs of one do not hold up the one of
 * another. Start-time fair queueing (Goyal, Vin and Cheng 1996) with the time of a busy period and jobs of one size. Each process counts
 * what it adds itself.
 */
export class FairTurns {
  readonly #taken = new Map<string, number>();

  /** @returns the turn of the owner's next job, from 1 */
  next(owner: string): number {
    const turn = Math.min(last, (this.#taken.get(owner) ?? 0) + 1);
    this.#taken.set(owner, turn);
    return turn;
  }

  /** Nothing waits: what was is settled. */
  restart(): void {
    this.#taken.clear();
  }
}
