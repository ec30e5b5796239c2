/** Cuts a streamed text before the first stop string, for engines that send the stop string along. Holds back what could become one. */
export class StopGuard {
  readonly #stops: readonly string[];
  #pending = "";
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that is certain by now, perhaps "". */
  push(text: string): string {
    if (this.#stopped) return "";
    this.#pending += text;
    const found = this.#stops.map((stop) => this.#pending.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#stopped = true;
      return this.#pending.slice(0, Math.min(...found));
    }
    const certain = this.#pending.length - this.#possibleStart();
    const release = this.#pending.slice(0, certain);
    this.#pending = this.#pending.slice(certain);
    return release;
  }

  /** What was held back, when the reply has ended. */
  end(): string {
    const rest = this.#stopped ? "" : this.#pending;
    this.#pending = "";
    return rest;
  }

  /** Length of the longest tail that begins a stop string. */
  #possibleStart(): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, this.#pending.length); length > longest; length--) {
        if (this.#pending.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
