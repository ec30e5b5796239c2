import { InvalidRequestError } from "../../foundation/index.ts";
import type { Embedding } from "../engine.ts";
import type { NativeContext, NativeModel } from "./llama-bindings.ts";

export interface EmbedderOptions {
  readonly model: NativeModel;
  readonly contextSize: number;
  readonly threads: number;
  readonly flashAttention: boolean;
  /** Runs native work between two steps of the scheduler. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Sentence vectors of the base model: the hidden state after the last token (causal models see the whole text there), L2-normalised.
 * The context is made at the first use.
 */
export class Embedder {
  readonly #options: EmbedderOptions;
  #context: Promise<NativeContext> | undefined;

  constructor(options: EmbedderOptions) {
    this.#options = options;
  }

  async embed(text: string, signal: AbortSignal | undefined): Promise<Embedding> {
    const { model, contextSize, exclusively } = this.#options;
    const tokens = model.withBeginning(model.tokenize(text, false));
    if (tokens.length === 0)
      throw new InvalidRequestError("There is nothing to embed.", { param: "input", code: "empty_input" });
    if (tokens.length > contextSize) {
      throw new InvalidRequestError(`An input may hold ${contextSize} tokens; this one holds ${tokens.length}.`, {
        param: "input",
        code: "context_length_exceeded",
      });
    }
    signal?.throwIfAborted();
    const context = await this.#open();
    const raw = await exclusively(async () => {
      context.forget(0, 0, -1);
      await context.decode([{ sequence: 0, position: 0, tokens, wantLogits: true }]);
      return context.embedding(tokens.length);
    });
    const norm = Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0)) || 1;
    return { vector: Array.from(raw, (x) => x / norm), tokens: tokens.length };
  }

  async close(): Promise<void> {
    await (await this.#context?.catch(() => undefined))?.dispose();
  }

  #open(): Promise<NativeContext> {
    const { model, contextSize, threads, flashAttention } = this.#options;
    this.#context ??= model.createContext({
      tokensPerSequence: contextSize,
      sequences: 1,
      batchTokens: contextSize,
      threads,
      flashAttention,
      embeddings: true,
    });
    // What failed once may succeed later, when memory is free again.
    this.#context.catch(() => {
      this.#context = undefined;
    });
    return this.#context;
  }
}
