/** Turns tokens into text that is safe to send: whole characters only, and never the beginning of a stop string. */
export class TextStream {
  readonly #detokenize: (tokens: readonly number[]) => string;
  readonly #stops: readonly string[];
  readonly #held: number[] = [];
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
    // U+FFFD at the end: a character is still incomplete. Four bytes are the longest, so more held tokens mean a really broken one.
    if (text.endsWith("\uFFFD") && this.#held.length < 4) return "";
    this.#anchor = this.#held.splice(0).slice(-1);
    this.#pending += text;
    return this.#release(false);
  }

  /** What is left when the model has ended. */
  end(): string {
    if (this.#stopped) return "";
    this.#pending += this.#held.length > 0 ? this.#heldText() : "";
    this.#held.length = 0;
    return this.#release(true);
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
