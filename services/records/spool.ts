import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readJsonLines, setAside } from "../foundation/index.ts";

export interface SpoolOptions {
  /** Of all segments together, bytes. */
  readonly maxBytes: number;
  /** A segment that has reached it is followed by another. */
  readonly segmentBytes: number;
}

/** In the spool's folder: lines that were forgotten without anybody having read them. */
export const damagedFile = "rows.damaged";

export interface OldestSegment<Entry> {
  readonly entries: readonly Entry[];
  /** Lines that are no entries; set aside when the segment is forgotten. */
  readonly damagedLines: number;
  readonly forget: () => void;
}

/**
 * Entries that wait on disk, oldest first: files of JSON lines, mode 0600, each forgotten as a whole once all of it was taken. Written
 * synchronously, so that what was written outlives the process. The folder is one process's own.
 */
export class Spool<Entry> {
  readonly #folder: string;
  readonly #options: SpoolOptions;
  /** Numbers of the segments, oldest first, and their bytes. */
  readonly #segments = new Map<number, number>();
  #open: { readonly number: number; readonly descriptor: number } | undefined;
  #lastNumber: number;

  constructor(folder: string, options: SpoolOptions) {
    this.#folder = folder;
    this.#options = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const number of segmentsOf(folder)) this.#segments.set(number, statSync(this.#pathOf(number)).size);
    this.#lastNumber = [...this.#segments.keys()].at(-1) ?? 0;
  }

  get empty(): boolean {
    return this.#segments.size === 0;
  }

  /**
   * @returns how many of the entries, from the first on, are in the spool now: fewer than all when it is full
   * @throws {NodeJS.ErrnoException} the disk takes no more; nothing was added
   */
  append(entries: readonly Entry[]): number {
    const lines: Buffer[] = [];
    let room = this.#options.maxBytes - [...this.#segments.values()].reduce((sum, bytes) => sum + bytes, 0);
    for (const entry of entries) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      if (line.length > room) break;
      room -= line.length;
      lines.push(line);
    }
    if (lines.length > 0) this.#write(Buffer.concat(lines));
    return lines.length;
  }

  /** The oldest segment. Later entries go into another. */
  oldest(): OldestSegment<Entry> | undefined {
    const [number] = this.#segments.keys();
    if (number === undefined) return undefined;
    if (this.#open?.number === number) this.close();
    const { values, damaged } = readJsonLines(this.#pathOf(number), isObject<Entry>);
    return {
      entries: values,
      damagedLines: damaged.length,
      forget: () => {
        if (damaged.length > 0) setAside(join(this.#folder, damagedFile), damaged);
        rmSync(this.#pathOf(number), { force: true });
        this.#segments.delete(number);
      },
    };
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.descriptor);
    this.#open = undefined;
  }

  #write(bytes: Buffer): void {
    const { number, descriptor } = this.#segment();
    const before = this.#segments.get(number) ?? 0;
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      this.#segments.set(number, before + bytes.length);
    } catch (failure) {
      // Half a line would swallow the next one.
      ftruncateSync(descriptor, before);
      throw failure;
    }
  }

  #segment(): { readonly number: number; readonly descriptor: number } {
    if (this.#open !== undefined && (this.#segments.get(this.#open.number) ?? 0) >= this.#options.segmentBytes) {
      this.close();
    }
    if (this.#open === undefined) {
      // One a former process left may end in half a line: it is read, never written on.
      const number = this.#lastNumber + 1;
      this.#open = { number, descriptor: openSync(this.#pathOf(number), "a", 0o600) };
      this.#lastNumber = number;
      this.#segments.set(number, 0);
    }
    return this.#open;
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, "0")}.jsonl`);
  }
}

function segmentsOf(folder: string): readonly number[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{12})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);
}

function isObject<Entry>(value: unknown): value is Entry {
  return typeof value === "object" && value !== null;
}
