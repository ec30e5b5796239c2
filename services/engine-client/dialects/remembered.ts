/** A value that is fetched when first needed, shared by all who ask meanwhile, and believed for a while. */
export class Remembered<T> {
  readonly #fetch: () => Promise<T>;
  readonly #forMs: number;
  readonly #nowMs: () => number;
  #value: Promise<T> | undefined;
  #fetchedAtMs = 0;

  constructor(fetch: () => Promise<T>, forMs: number, nowMs: () => number) {
    this.#fetch = fetch;
    this.#forMs = forMs;
    this.#nowMs = nowMs;
  }

  get(): Promise<T> {
    if (this.#value !== undefined && this.#nowMs() - this.#fetchedAtMs < this.#forMs) return this.#value;
    const value = this.#fetch();
    this.#value = value;
    this.#fetchedAtMs = this.#nowMs();
    value.catch(() => {
      if (this.#value === value) this.#value = undefined;
    });
    return value;
  }

  forget(): void {
    this.#value = undefined;
  }
}
