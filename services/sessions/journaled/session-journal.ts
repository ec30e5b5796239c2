import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import Value from "typebox/value";
import { readJsonLines, setAside } from "../../foundation/index.ts";
import { StorageFullError, StorageUnavailableError } from "../../storage/index.ts";
import type { SessionTurn } from "../session-store.ts";

/** One acknowledged turn that the database may not have yet. */
export interface JournalEntry {
  /** Rises by one a turn; says which of two segments is the older. */
  readonly number: number;
  readonly id: string;
  readonly turn: SessionTurn;
  readonly atMs: number;
}

/** As much of an entry as its way into the database rests on. */
const Entry = Type.Object({
  number: Type.Number(),
  id: Type.String(),
  atMs: Type.Number(),
  turn: Type.Object({
    messages: Type.Array(
      Type.Object({ id: Type.String(), role: Type.String(), content: Type.String(), at: Type.String() }),
    ),
  }),
});

interface Segment {
  readonly descriptor: number;
  bytes: number;
}

/**
 * Turns on their way to the database, in two files that take turns: one is written while the other's entries are brought over.
 * Written synchronously: into the page cache that is some 20 µs, less than the way to another thread. What was written outlives the
 * process, not a power cut, as the embedded database itself. The folder belongs to one process: the database's lock guards it.
 */
export class SessionJournal {
  readonly #segments: readonly [Segment, Segment];
  #current: 0 | 1 = 0;
  #number: number;
  readonly #folder: string;
  /** What a former process acknowledged and did not bring over, oldest first. */
  readonly left: readonly JournalEntry[];
  /** Lines among them that nobody can read any more. */
  readonly damaged: readonly Buffer[];

  /** @throws {StorageFullError | StorageUnavailableError} */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const paths = ["turns-a.jsonl", "turns-b.jsonl"].map((name) => join(folder, name));
    const read = paths.filter((path) => existsSync(path)).map((path) => readJsonLines(path, isEntry));
    this.left = read.flatMap(({ values }) => values).sort((one, other) => one.number - other.number);
    this.damaged = read.flatMap(({ damaged }) => damaged);
    this.#number = this.left.at(-1)?.number ?? 0;
    const [first, second] = paths.map((path) => ({ descriptor: openSync(path, "a", 0o600), bytes: 0 }));
    if (first === undefined || second === undefined) throw new Error("A journal has two segments.");
    this.#segments = [first, second];
  }

  /** Durable when it returns. @throws {StorageFullError | StorageUnavailableError} nothing was written */
  write(id: string, turn: SessionTurn, atMs: number): JournalEntry {
    const entry: JournalEntry = { number: this.#number + 1, id, turn, atMs };
    const segment = this.#segments[this.#current];
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      writeWhole(segment.descriptor, line);
    } catch (failure) {
      // Half a line would swallow the next one.
      ftruncateSync(segment.descriptor, segment.bytes);
      throw named(failure);
    }
    segment.bytes += line.length;
    this.#number += 1;
    return entry;
  }

  /** From now on the other file is written. @returns forgets what was written until now: call it when the database has all of it */
  seal(): () => void {
    const sealed = this.#segments[this.#current];
    this.#current = this.#current === 0 ? 1 : 0;
    return () => empty(sealed);
  }

  /**
   * Keeps what never gets into the database, before it is cleared.
   * @returns the file's name in the journal's folder
   * @throws {StorageFullError | StorageUnavailableError}
   */
  setAside(lines: readonly (Buffer | JournalEntry)[]): string {
    const file = "turns.damaged";
    const texts = lines.map((line) => (Buffer.isBuffer(line) ? line : JSON.stringify(line)));
    try {
      setAside(join(this.#folder, file), texts);
    } catch (failure) {
      throw named(failure);
    }
    return file;
  }

  /** The database has everything, `left` included. */
  clear(): void {
    for (const segment of this.#segments) empty(segment);
  }

  close(): void {
    for (const { descriptor } of this.#segments) closeSync(descriptor);
  }
}

function empty(segment: Segment): void {
  ftruncateSync(segment.descriptor, 0);
  segment.bytes = 0;
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

function isEntry(value: unknown): value is JournalEntry {
  return Value.Check(Entry, value);
}

function named(failure: unknown): Error {
  const { code } = failure as NodeJS.ErrnoException;
  const full = code !== undefined && ["ENOSPC", "EDQUOT", "EROFS"].includes(code);
  return full ? new StorageFullError(failure) : new StorageUnavailableError(failure);
}
