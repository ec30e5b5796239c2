import { pause } from "../../foundation/index.ts";
import { JobOutputTooLargeError } from "../errors.ts";
import type { JobNews, JobNotes } from "../job-notes.ts";
import { storableJson } from "../storable-json.ts";

/** Of one attempt. */
const most = 100_000;
/** Unwritten chunks from which on `emit` makes its caller wait. */
const room = 256;
const retryMs = 500;

/** Writes what an attempt says, in order: what comes while a write is under way goes together with the next. */
export class ChunkWriter {
  readonly #notes: JobNotes;
  readonly #news: JobNews;
  readonly #id: string;
  readonly #run: number;
  readonly #signal: AbortSignal;
  readonly #onSuperseded: () => void;
  readonly #unwritten: unknown[] = [];
  #said = 0;
  #written = 0;
  #writing: Promise<void> | undefined;

  constructor(
    { notes, news }: { readonly notes: JobNotes; readonly news: JobNews },
    attempt: { readonly id: string; readonly run: number; readonly signal: AbortSignal; onSuperseded(): void },
  ) {
    this.#notes = notes;
    this.#news = news;
    this.#id = attempt.id;
    this.#run = attempt.run;
    this.#signal = attempt.signal;
    this.#onSuperseded = attempt.onSuperseded;
  }

  get hasSpoken(): boolean {
    return this.#said > 0;
  }

  /** @throws {JobOutputTooLargeError} @throws the signal's reason */
  async emit(chunk: unknown): Promise<void> {
    this.#signal.throwIfAborted();
    this.#said += 1;
    if (this.#said > most) throw new JobOutputTooLargeError(most);
    this.#unwritten.push(storableJson(chunk));
    this.#writing ??= this.#write();
    if (this.#unwritten.length >= room) await this.flush();
  }

  /** Until all is written, or the attempt is over. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    let isFirst = this.#written === 0;
    while (this.#unwritten.length > 0 && !this.#signal.aborted) {
      const bite = this.#unwritten.slice(0, room);
      try {
        if (isFirst && this.#run > 1) await this.#notes.begin(this.#id, this.#run);
        isFirst = false;
        if (!(await this.#notes.append(this.#id, this.#run, this.#written + 1, bite))) this.#onSuperseded();
        this.#written += bite.length;
        this.#unwritten.splice(0, bite.length);
        await this.#news.tell(this.#id);
      } catch {
        // The store is away: what was said waits for it, and after a while so does who says it.
        await pause(retryMs, this.#signal);
      }
    }
    this.#writing = undefined;
  }
}
