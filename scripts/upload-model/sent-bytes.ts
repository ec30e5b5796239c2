import type { LocalFile } from "./collect-files.ts";

/** How much of what is to be sent has arrived. */
export class SentBytes {
  readonly #onProgress: (doneBytes: number, totalBytes: number) => void;
  #sizes: ReadonlyMap<string, number> = new Map();
  readonly #done = new Map<string, number>();

  constructor(onProgress: (doneBytes: number, totalBytes: number) => void) {
    this.#onProgress = onProgress;
  }

  /** Counts from here, for these files. */
  begin(files: readonly LocalFile[]): void {
    this.#sizes = new Map(files.map(({ path, bytes }) => [path, bytes]));
    this.#done.clear();
  }

  add(path: string, bytes: number): void {
    this.#set(path, (this.#done.get(path) ?? 0) + bytes);
  }

  whole(path: string): void {
    this.#set(path, Number.POSITIVE_INFINITY);
  }

  #set(path: string, bytes: number): void {
    const size = this.#sizes.get(path);
    if (size === undefined) return;
    this.#done.set(path, Math.min(bytes, size));
    this.#onProgress(sum(this.#done.values()), sum(this.#sizes.values()));
  }
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((all, each) => all + each, 0);
}
