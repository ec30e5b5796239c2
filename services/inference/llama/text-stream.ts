/** Turns tokens into text that is safe to send: whole characters only, and never the beginning of a stop string. */
export class TextStream {
  readonly #detokenize: (tokens: readonly number[]) => string;
  readonly #stops: readonly string[];
  /** Tokens that end in the middle of a character. */
  readonly #held: number[] = [];
  /** How much of their text is already in `#pending`. */
  #taken = 0;
  /** Tokens since a character began that is not yet whole. */
  #fragments = 0;
  /** The last sent tokens: detokenizers drop the space in front of a first word, so pieces need their neighbour. */
  #anchor: number[] = [];
  #pending = "";
  #stopped = false;

  constructor(detokenize: (tokens: readonly number[]) => string, stops: readonly string[]) {
    this.#detokenize = detokenize;
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** True once a stop string was met; the text before it has been returned. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that has become certain through this token, perhaps "". */
  push(token: number): string {
    if (this.#stopped) return "";
    this.#held.push(token);
    const text = this.#heldText();
    // U+FFFD at the end: a character is still incomplete. Four bytes are the longest, so after four tokens it is a really broken one.
    const whole = text.replace(/\uFFFD+$/, "");
    this.#fragments = whole.length > this.#taken ? 1 : this.#fragments + 1;
    const complete = whole.length === text.length || this.#fragments >= 4;
    this.#pending += (complete ? text : whole).slice(this.#taken);
    if (complete) this.#settle();
    else this.#taken = Math.max(this.#taken, whole.length);
    return this.#release(false);
  }

  /** What is left when the model has ended. */
  end(): string {
    if (this.#stopped) return "";
    if (this.#held.length > 0) this.#pending += this.#heldText().slice(this.#taken);
    this.#settle();
    return this.#release(true);
  }

  #settle(): void {
    this.#anchor = this.#held.splice(0).slice(-1);
    this.#taken = 0;
    this.#fragments = 0;
  }

  #heldText(): string {
    if (this.#anchor.length === 0) return this.#detokenize(this.#held);
    const before = this.#detokenize(this.#anchor);
    return this.#detokenize([...this.#anchor, ...this.#held]).slice(before.length);
  }

  #release(all: boolean): string {
    let cut = this.#pending.length;
    for (const stop of this.#stops) {
      const at = this.#pending.indexOf(stop);
      if (at >= 0 && at <= cut) {
        cut = at;
        this.#stopped = true;
      }
    }
    if (!this.#stopped && !all) cut -= this.#longestStopPrefix();
    const text = this.#pending.slice(0, cut);
    this.#pending = this.#stopped ? "" : this.#pending.slice(cut);
    return text;
  }

  /** Length of the longest tail of the pending text that could become a stop string. */
  #longestStopPrefix(): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, this.#pending.length); length > longest; length--) {
        if (this.#pending.endsWith(stop.slice(0, length))) {
          longest = length;
          break;
        }
      }
    }
    return longest;
  }
}
