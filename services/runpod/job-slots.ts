import { EventEmitter, once } from "node:events";
import type { TakenJob } from "./endpoint.ts";

/** The jobs of one worker: so many run at once, further ones wait in the order they came. */
export class JobSlots {
  readonly #places: number;
  readonly #run: (job: TakenJob, signal: AbortSignal) => Promise<void>;
  readonly #waiting = new Map<string, TakenJob>();
  readonly #running = new Map<string, AbortController>();
  readonly #changes = new EventEmitter();

  /** @param places ≥ 1 @param run never rejects */
  constructor(places: number, run: (job: TakenJob, signal: AbortSignal) => Promise<void>) {
    this.#places = places;
    this.#run = run;
  }

  /** How many more could start at once. */
  get room(): number {
    return Math.max(0, this.#places - this.#running.size - this.#waiting.size);
  }

  /** Of running and waiting jobs. */
  get ids(): readonly string[] {
    return [...this.#running.keys(), ...this.#waiting.keys()];
  }

  /** @returns false: it is here already */
  add(job: TakenJob): boolean {
    if (this.#running.has(job.id) || this.#waiting.has(job.id)) return false;
    this.#waiting.set(job.id, job);
    this.#fill();
    return true;
  }

  /** Breaks a job off. One that waits runs with a signal that has fired: whoever runs jobs has the last word on each. */
  stop(id: string, reason: Error): void {
    const job = this.#waiting.get(id);
    if (job === undefined) this.#running.get(id)?.abort(reason);
    else this.#start(job, reason);
  }

  stopAll(reason: Error): void {
    for (const id of this.ids) this.stop(id, reason);
  }

  /** Waits until a job has come or gone, or `signal` fires. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changes, "change", { signal }).catch(() => undefined);
  }

  /** Waits until no job is left, or `signal` fires. @returns whether none is */
  async emptied(signal: AbortSignal): Promise<boolean> {
    while (this.#running.size > 0 && !signal.aborted) await this.changed(signal);
    return this.#running.size === 0;
  }

  #fill(): void {
    for (const job of this.#waiting.values()) {
      if (this.#running.size >= this.#places) return;
      this.#start(job);
    }
  }

  #start(job: TakenJob, stopped?: Error): void {
    this.#waiting.delete(job.id);
    const abort = new AbortController();
    if (stopped !== undefined) abort.abort(stopped);
    this.#running.set(job.id, abort);
    this.#changes.emit("change");
    void this.#run(job, abort.signal).finally(() => {
      this.#running.delete(job.id);
      this.#fill();
      this.#changes.emit("change");
    });
  }
}
