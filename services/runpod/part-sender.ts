/** Pieces that failed in a row after which the rest is not sent: the outcome has the whole reply, and must not wait for them. */
const mostFailures = 2;

/** Posts a reply while it comes: what has gathered while a piece was on its way goes out as the next, so there is one on its way at a time. */
export class PartSender {
  readonly #post: (text: string) => Promise<boolean>;
  #gathered = "";
  #sending: Promise<void> | undefined;
  #arrived = false;
  #failures = 0;

  /** @param post answers whether it arrived */
  constructor(post: (text: string) => Promise<boolean>) {
    this.#post = post;
  }

  push(text: string): void {
    if (this.#failures === mostFailures) return;
    this.#gathered += text;
    this.#sending ??= this.#send();
  }

  /** Sends what is left. @returns whether anything has arrived */
  async end(): Promise<boolean> {
    await this.#sending;
    if (this.#failures < mostFailures) await this.#send();
    return this.#arrived;
  }

  async #send(): Promise<void> {
    for (let failed = false; this.#gathered !== "" && !failed; ) {
      const piece = this.#gathered;
      this.#gathered = "";
      // Posting stops with the signal of the job; then nobody waits for the pieces.
      failed = !(await this.#post(piece).catch(() => false));
      if (failed) this.#gathered = piece + this.#gathered;
      else this.#arrived = true;
      this.#failures = failed ? this.#failures + 1 : 0;
    }
    this.#sending = undefined;
  }
}
