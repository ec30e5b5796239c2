type Closer = () => void | PromiseLike<void>;

/**
 * What has been opened, in order; `close` ends it backwards.
 * Whatever is opened is `own`ed on the same line, so shutdown cannot forget anything.
 */
export class Disposal {
  readonly #closers: Closer[] = [];
  #closing: Promise<void> | undefined;

  own<T>(resource: T, close: (resource: T) => void | PromiseLike<void>): T {
    this.#closers.push(() => close(resource));
    return resource;
  }

  /** Closes everything, last opened first; one failure does not keep the others open. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "Some resources did not close cleanly.");
  }
}
