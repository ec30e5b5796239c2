import { orAbort, within } from "../../../foundation/index.ts";
import { SynthesizerUnavailableError } from "../../errors.ts";
import type { Piece } from "../pieces.ts";
import type { PieceRequest } from "./piece-messages.ts";

/** How it is spoken, in the engine's words. */
export type Delivery = Omit<PieceRequest, "id" | "text">;

/**
 * One utterance on its way: pieces that wait to be spoken on one side, samples that wait to be read on the other.
 * One reader, one piece at a time.
 */
export class SpokenLine {
  readonly delivery: Delivery;
  readonly #pieces: readonly Piece[];
  readonly #unread: Int16Array[] = [];
  #unreadSamples = 0;
  #taken = 0;
  #ended = 0;
  #failure: Error | undefined;
  #left = false;
  #wake: (() => void) | undefined;

  constructor(pieces: readonly Piece[], delivery: Delivery) {
    this.#pieces = pieces;
    this.delivery = delivery;
  }

  /** Nothing of it has its turn yet. */
  get isNew(): boolean {
    return this.#taken === 0;
  }

  /** There is something left to speak, somebody who listens, and no piece on its way. */
  get wantsPiece(): boolean {
    const alive = !this.#left && this.#failure === undefined;
    return alive && this.#taken === this.#ended && this.#taken < this.#pieces.length;
  }

  get unreadSamples(): number {
    return this.#unreadSamples;
  }

  /** Undefined when none is wanted any more. Every piece taken is followed by `pieceEnded` or `fail`. */
  takePiece(): Piece | undefined {
    return this.wantsPiece ? this.#pieces[this.#taken++] : undefined;
  }

  push(samples: Int16Array): void {
    if (this.#left || samples.length === 0) return;
    this.#unread.push(samples);
    this.#unreadSamples += samples.length;
    this.#wake?.();
  }

  pieceEnded(): void {
    this.#ended++;
    this.#wake?.();
  }

  fail(failure: Error): void {
    this.#failure = failure;
    this.#wake?.();
  }

  /** The reader has gone. */
  leave(): void {
    this.#left = true;
    this.#unread.length = 0;
    this.#unreadSamples = 0;
  }

  /**
   * The samples that come next, or undefined at the end.
   * @throws the failure, the signal's reason, or {SynthesizerUnavailableError} when nothing comes for `limitMs`
   */
  async read(limitMs: number, signal: AbortSignal): Promise<Int16Array | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const samples = this.#unread.shift();
      if (samples !== undefined) {
        this.#unreadSamples -= samples.length;
        return samples;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended === this.#pieces.length) return undefined;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await within(limitMs, orAbort(woken, signal), () => new SynthesizerUnavailableError());
    }
  }
}
