import type { Logger } from "../foundation/index.ts";
import type { ApiKeyStore } from "./api-key-store.ts";

/** When keys were used last, written together now and then: a request waits for no database. */
export class UseMarks {
  readonly #store: Pick<ApiKeyStore, "markUsed">;
  readonly #logger: Logger | undefined;
  readonly #timer: NodeJS.Timeout;
  /** Key id → ms since 1970; bounded by the number of keys. */
  #uses = new Map<string, number>();
  #writing: Promise<void> | undefined;

  constructor(store: Pick<ApiKeyStore, "markUsed">, options: { readonly everyMs: number; readonly logger?: Logger }) {
    this.#store = store;
    this.#logger = options.logger;
    this.#timer = setInterval(() => void this.#write(), options.everyMs).unref();
  }

  used(id: string, atMs: number): void {
    this.#uses.set(id, atMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#write();
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    try {
      await this.#store.markUsed([...uses].map(([id, at]) => ({ id, at: new Date(at) })));
    } catch (failure) {
      this.#logger?.warn({ failure: String(failure) }, "key-use-not-written");
      // Tried again with the next ones; a later use stands.
      for (const [id, at] of uses) if (!this.#uses.has(id)) this.#uses.set(id, at);
    }
  }
}
