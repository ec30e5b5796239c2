import type { Envelope } from "./envelope.ts";

export interface NotedChunk {
  /** `<run>-<number>`: which attempt said it, and the how-manieth thing it was. */
  readonly cursor: string;
  readonly chunk: unknown;
}

/** A wish to cancel. */
export interface Cancellation {
  /** False: it was taken out of the queue before it began, and this is all that remains of it. */
  readonly began: boolean;
  readonly envelope: Envelope;
  /** True: of the payload only what no user wrote; with that it cannot wait again. */
  readonly withoutTexts?: boolean;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly cancelledAtMs: number;
  /** As the queue had it: how often it is tried, after which pauses, with which priority. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is kept of a job beside the queue. Everything is forgotten by itself a day after it was written, or when `keepFor` says. */
export interface JobNotes {
  /** An attempt begins: what earlier ones said is void. */
  begin(id: string, run: number): Promise<void>;
  /**
   * @param first number of the first chunk
   * @returns false: a later attempt has begun, so this one is over
   */
  append(id: string, run: number, first: number, chunks: readonly unknown[]): Promise<boolean>;
  /** At most 1 000, in order. */
  after(id: string, cursor: string | undefined): Promise<readonly NotedChunk[]>;
  /** Where `readOn` left off. */
  place(id: string): Promise<string | undefined>;
  setPlace(id: string, cursor: string): Promise<void>;
  cancellation(id: string): Promise<Cancellation | undefined>;
  askCancel(id: string, cancellation: Cancellation, keepMs: number): Promise<void>;
  withdrawCancel(id: string): Promise<void>;
  /** Chunks and place stay for this long from now on. */
  keepFor(id: string, ms: number): Promise<void>;
  forget(id: string): Promise<void>;
  /** Takes away what is past its time, where the store does not do so by itself. */
  sweep(): Promise<void>;
}

/** Longest that chunks of a job are kept which nobody says anything about any more. */
export const notesMs = 24 * 60 * 60_000;

/** Wakes who waits for something to happen to a job, in this process and others. News may get lost: who waits also looks now and then. */
export interface JobNews {
  /** Never fails. */
  tell(topic: string): Promise<void>;
  /** @returns how to stop */
  listen(topic: string, hear: () => void): Promise<() => void>;
}

/** Topic of a job whose state or chunks changed is its id; of one that is to be cancelled, this. */
export function cancelTopic(id: string): string {
  return `${id}/cancel`;
}

export function runOf(cursor: string): number {
  return Number.parseInt(cursor, 10);
}
