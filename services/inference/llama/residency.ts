import { EngineSaturatedError } from "../errors.ts";

/** What residency needs of a lane. */
export interface Resident {
  readonly adapterId: string;
  dispose(): Promise<void>;
}

interface Entry<L> {
  readonly adapterId: string;
  /** Settles when the lane can be used. */
  lane: Promise<L>;
  references: number;
  pinned: boolean;
  /** New users wait until this lane has been replaced: someone else has waited too long for its place. */
  draining: boolean;
  lastUsedMs: number;
}

interface Waiter {
  readonly adapterId: string;
  readonly wake: () => void;
}

export interface AdapterUse {
  readonly hits: number;
  readonly loadMs: number | null;
  readonly lastUsedMs: number | null;
}

/**
 * Which adapters are in memory. Least recently used goes first, an adapter in use or pinned never, and never more than `capacity`.
 * When every place is in use, those who want another adapter wait in order; after `patienceMs` the least used lane is drained for them,
 * so that a few busy adapters cannot lock the others out.
 */
export class Residency<L extends Resident> {
  readonly #capacity: number;
  readonly #patienceMs: number;
  readonly #load: (adapterId: string) => Promise<L>;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry<L>>();
  readonly #uses = new Map<string, { hits: number; loadMs: number | null; lastUsedMs: number | null }>();
  readonly #waiters: Waiter[] = [];
  #evictions = 0;

  constructor(options: {
    readonly capacity: number;
    readonly patienceMs: number;
    readonly load: (adapterId: string) => Promise<L>;
    readonly nowMs: () => number;
  }) {
    this.#capacity = options.capacity;
    this.#patienceMs = options.patienceMs;
    this.#load = options.load;
    this.#nowMs = options.nowMs;
  }

  get evictions(): number {
    return this.#evictions;
  }

  isResident(adapterId: string): boolean {
    return this.#entries.has(adapterId);
  }

  isPinned(adapterId: string): boolean {
    return this.#entries.get(adapterId)?.pinned ?? false;
  }

  references(adapterId: string): number {
    return this.#entries.get(adapterId)?.references ?? 0;
  }

  use(adapterId: string): AdapterUse {
    return this.#uses.get(adapterId) ?? { hits: 0, loadMs: null, lastUsedMs: null };
  }

  /**
   * The lane of an adapter, loaded if need be; every acquire needs its `release`.
   * @throws {EngineSaturatedError} `signal` fired before a place came free
   * @throws whatever loading throws; nothing stays behind then
   */
  async acquire(adapterId: string, signal: AbortSignal): Promise<L> {
    for (;;) {
      const entry = this.#entries.get(adapterId) ?? (this.#hasPlaceFor(adapterId) ? this.#admit(adapterId) : undefined);
      if (entry !== undefined && !entry.draining) return await this.#take(entry);
      await this.#wait(adapterId, signal);
    }
  }

  release(adapterId: string): void {
    const entry = this.#entries.get(adapterId);
    if (entry === undefined) return;
    entry.references--;
    entry.lastUsedMs = this.#nowMs();
    if (entry.references === 0) this.#waiters[0]?.wake();
  }

  /** Keeps an adapter in memory; loads it first if need be. */
  async pin(adapterId: string, signal: AbortSignal): Promise<void> {
    await this.acquire(adapterId, signal);
    const entry = this.#entries.get(adapterId);
    if (entry !== undefined) entry.pinned = true;
    this.release(adapterId);
  }

  unpin(adapterId: string): void {
    const entry = this.#entries.get(adapterId);
    if (entry !== undefined) entry.pinned = false;
  }

  /** Frees an adapter's memory once nobody uses it; new users load it anew. */
  async evict(adapterId: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(adapterId);
    if (entry === undefined) return;
    entry.draining = true;
    while (entry.references > 0) await this.#wait(adapterId, signal);
    if (this.#entries.get(adapterId) === entry) await this.#remove(entry);
    this.#waiters[0]?.wake();
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async (entry) => (await entry.lane).dispose()));
  }

  async #take(entry: Entry<L>): Promise<L> {
    entry.references++;
    entry.lastUsedMs = this.#nowMs();
    const use = this.#useOf(entry.adapterId);
    use.hits++;
    use.lastUsedMs = entry.lastUsedMs;
    try {
      return await entry.lane;
    } catch (failure) {
      if (this.#entries.get(entry.adapterId) === entry) this.#entries.delete(entry.adapterId);
      this.#waiters[0]?.wake();
      throw failure;
    }
  }

  #hasPlaceFor(adapterId: string): boolean {
    const first = this.#waiters[0];
    const inTurn = first === undefined || first.adapterId === adapterId;
    return inTurn && (this.#entries.size < this.#capacity || this.#victim() !== undefined);
  }

  /** Makes room if needed and starts loading. Runs without a pause, so two callers cannot take the same place. */
  #admit(adapterId: string): Entry<L> {
    const victim = this.#entries.size < this.#capacity ? undefined : this.#victim();
    if (victim !== undefined) this.#entries.delete(victim.adapterId);
    const started = this.#nowMs();
    const lane = (async () => {
      if (victim !== undefined) {
        this.#evictions++;
        await (await victim.lane).dispose();
      }
      const loaded = await this.#load(adapterId);
      this.#useOf(adapterId).loadMs = this.#nowMs() - started;
      return loaded;
    })();
    lane.catch(() => {});
    const entry: Entry<L> = { adapterId, lane, references: 0, pinned: false, draining: false, lastUsedMs: started };
    this.#entries.set(adapterId, entry);
    return entry;
  }

  #victim(): Entry<L> | undefined {
    let victim: Entry<L> | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.references > 0 || entry.pinned) continue;
      if (victim === undefined || entry.lastUsedMs < victim.lastUsedMs) victim = entry;
    }
    return victim;
  }

  async #remove(entry: Entry<L>): Promise<void> {
    this.#entries.delete(entry.adapterId);
    this.#evictions++;
    await (await entry.lane).dispose();
  }

  async #wait(adapterId: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new EngineSaturatedError(2, "every adapter place is in use");
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(patience);
        signal.removeEventListener("abort", onAbort);
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
      };
      const waiter: Waiter = {
        adapterId,
        wake: () => {
          leave();
          // The one in front acts now; it may have left room for the next.
          resolve();
          queueMicrotask(() => {
            if (this.#victim() !== undefined || this.#entries.size < this.#capacity) this.#waiters[0]?.wake();
          });
        },
      };
      const onAbort = (): void => {
        leave();
        reject(new EngineSaturatedError(2, "every adapter place is in use"));
      };
      const patience = setTimeout(() => this.#drainOne(), this.#patienceMs);
      patience.unref();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #drainOne(): void {
    const entries = [...this.#entries.values()];
    if (entries.some((entry) => entry.draining)) return;
    const candidates = entries.filter((entry) => !entry.pinned && entry.references > 0);
    candidates.sort((a, b) => a.references - b.references || a.lastUsedMs - b.lastUsedMs);
    const chosen = candidates[0];
    if (chosen !== undefined) chosen.draining = true;
  }

  #useOf(adapterId: string): { hits: number; loadMs: number | null; lastUsedMs: number | null } {
    const use = this.#uses.get(adapterId) ?? { hits: 0, loadMs: null, lastUsedMs: null };
    this.#uses.set(adapterId, use);
    return use;
  }
}
