import { InvalidRequestError, withTimeout } from "../../foundation/index.ts";
import type { Embedding } from "../engine.ts";
import { EngineUnavailableError } from "../errors.ts";
import type { NativeContext, NativeModel } from "./llama-bindings.ts";
import { type MakeRoom, withRoomMade } from "./make-room.ts";
import type { PlaceQueue } from "./place-queue.ts";

export interface EmbedderOptions {
  readonly model: NativeModel;
  readonly contextSize: number;
  readonly threads: number;
  readonly flashAttention: boolean;
  /** Runs native work between two steps of the scheduler. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Where texts wait for one another; whoever waits there counts for the queue's limit, as those do who wait for a reply. */
  readonly places: PlaceQueue;
  readonly queueTimeoutMs: number;
  readonly makeRoom: MakeRoom;
}

/**
 * Sentence vectors of the base model: the hidden state after the last token (causal models see the whole text there), L2-normalised.
 * One text at a time; the context is made at the first use.
 */
export class Embedder {
  readonly #options: EmbedderOptions;
  #context: Promise<NativeContext> | undefined;
  #busy = false;
  #closed = false;

  constructor(options: EmbedderOptions) {
    this.#options = options;
  }

  /**
   * @throws {InvalidRequestError} `text` is empty or longer than the context
   * @throws {EngineSaturatedError} too many wait already, or the text's turn did not come in time
   * @throws {EngineMemoryError} there is no memory for the context
   */
  async embed(text: string, signal: AbortSignal | undefined): Promise<Embedding> {
    const tokens = this.#tokensOf(text);
    signal?.throwIfAborted();
    await this.#takeTurn(signal);
    try {
      const vector = await this.#compute(tokens, signal);
      return { vector, tokens: tokens.length };
    } finally {
      this.#busy = false;
      this.#options.places.freed(this);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#context?.catch(() => undefined))?.dispose();
  }

  #tokensOf(text: string): readonly number[] {
    const { model, contextSize } = this.#options;
    const tokens = model.withBeginning(model.tokenize(text, false));
    if (tokens.length === 0)
      throw new InvalidRequestError("There is nothing to embed.", { param: "input", code: "empty_input" });
    if (tokens.length > contextSize) {
      throw new InvalidRequestError(`An input may hold ${contextSize} tokens; this one holds ${tokens.length}.`, {
        param: "input",
        code: "context_length_exceeded",
      });
    }
    return tokens;
  }

  async #takeTurn(signal: AbortSignal | undefined): Promise<void> {
    const { places, queueTimeoutMs } = this.#options;
    try {
      await places.claim(this, withTimeout(queueTimeoutMs, signal), async () => {
        if (this.#busy) return undefined;
        this.#busy = true;
        return true;
      });
    } catch (failure) {
      signal?.throwIfAborted();
      throw failure;
    }
  }

  async #compute(tokens: readonly number[], signal: AbortSignal | undefined): Promise<readonly number[]> {
    const context = await this.#open();
    const raw = await this.#options.exclusively(async () => {
      signal?.throwIfAborted();
      context.forget(0, 0, -1);
      await context.decode([{ sequence: 0, position: 0, tokens, wantLogits: true }]);
      return context.embedding(tokens.length);
    });
    const norm = Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0)) || 1;
    return Array.from(raw, (x) => x / norm);
  }

  #open(): Promise<NativeContext> {
    const { model, contextSize, threads, flashAttention, makeRoom } = this.#options;
    if (this.#closed) throw new EngineUnavailableError(2);
    this.#context ??= withRoomMade(makeRoom, () =>
      model.createContext({
        tokensPerSequence: contextSize,
        sequences: 1,
        batchTokens: contextSize,
        threads,
        flashAttention,
        embeddings: true,
      }),
    );
    // What failed once may succeed later, when memory is free again.
    this.#context.catch(() => {
      this.#context = undefined;
    });
    return this.#context;
  }
}
