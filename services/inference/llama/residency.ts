import { EngineSaturatedError, EngineUnavailableError } from "../errors.ts";

/** What residency needs of a lane. */
export interface Resident {
  readonly adapterId: string;
  dispose(): Promise<void>;
}

interface Entry<L> {
  readonly adapterId: string;
  /** Settles when the lane can be used. */
  lane: Promise<L>;
  /** The same, once it can be used. */
  loaded: L | undefined;
  references: number;
  /** New users wait until this lane has been replaced: someone else has waited too long for its place. */
  draining: boolean;
  /** Calls of `evict` that wait for its last user, or for its memory to be given back. */
  evictions: number;
  lastUsedMs: number;
}

/** Someone who wants an adapter that cannot be had yet. */
interface Waiter<L> {
  readonly adapterId: string;
  readonly serve: (entry: Entry<L>) => void;
  readonly refuse: (error: Error) => void;
  /** Has waited longer than `patienceMs`. */
  impatient: boolean;
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
  readonly #mayWait: () => boolean;
  readonly #entries = new Map<string, Entry<L>>();
  /** By id: who is pinned stays so when its weights are replaced. */
  readonly #pinned = new Set<string>();
  readonly #uses = new Map<string, { hits: number; loadMs: number | null; lastUsedMs: number | null }>();
  readonly #waiters: Waiter<L>[] = [];
  /** Who waits inside `evict`, by entry. */
  readonly #leavers = new Map<Entry<L>, Set<() => void>>();
  #evictions = 0;
  #loads = 0;

  constructor(options: {
    readonly capacity: number;
    readonly patienceMs: number;
    readonly load: (adapterId: string) => Promise<L>;
    readonly nowMs: () => number;
    /** Whether one more may join those who wait. */
    readonly mayWait: () => boolean;
  }) {
    this.#capacity = options.capacity;
    this.#patienceMs = options.patienceMs;
    this.#load = options.load;
    this.#nowMs = options.nowMs;
    this.#mayWait = options.mayWait;
  }

  get evictions(): number {
    return this.#evictions;
  }

  get loads(): number {
    return this.#loads;
  }

  /** Those that can be used now. */
  get lanes(): readonly L[] {
    return [...this.#entries.values()].flatMap(({ loaded }) => loaded ?? []);
  }

  /** How many wait for an adapter. */
  get waiting(): number {
    return this.#waiters.length;
  }

  isResident(adapterId: string): boolean {
    return this.#entries.has(adapterId);
  }

  isPinned(adapterId: string): boolean {
    return this.#pinned.has(adapterId);
  }

  references(adapterId: string): number {
    return this.#entries.get(adapterId)?.references ?? 0;
  }

  use(adapterId: string): AdapterUse {
    return this.#uses.get(adapterId) ?? { hits: 0, loadMs: null, lastUsedMs: null };
  }

  /**
   * The lane of an adapter, loaded if need be; every acquire needs its `release`.
   * @throws {EngineSaturatedError} too many wait already, or `signal` fired before a place came free
   * @throws whatever loading throws; nothing stays behind then
   */
  async acquire(adapterId: string, signal: AbortSignal): Promise<L> {
    const entry = this.#usable(adapterId, this.#waiters.length === 0) ?? (await this.#wait(adapterId, signal));
    try {
      return await entry.lane;
    } catch (failure) {
      if (this.#entries.get(adapterId) === entry) this.#entries.delete(adapterId);
      this.#letGo(entry);
      this.#serve();
      throw failure;
    }
  }

  release(adapterId: string): void {
    const entry = this.#entries.get(adapterId);
    if (entry === undefined) return;
    entry.lastUsedMs = this.#nowMs();
    this.#letGo(entry);
    if (entry.references === 0) this.#serve();
  }

  /** Keeps an adapter in memory; loads it first if need be. @throws as `acquire` does; it is not pinned then */
  async pin(adapterId: string, signal: AbortSignal): Promise<void> {
    await this.acquire(adapterId, signal);
    this.#pinned.add(adapterId);
    this.release(adapterId);
  }

  unpin(adapterId: string): void {
    if (this.#pinned.delete(adapterId)) this.#serve();
  }

  /** Frees the adapter that nobody uses and nobody has used for longest. False: all are in use or pinned. */
  async evictIdle(): Promise<boolean> {
    const victim = this.#victim();
    if (victim === undefined) return false;
    await this.evict(victim.adapterId, new AbortController().signal);
    return true;
  }

  /**
   * Frees an adapter's memory once nobody uses it; new users wait and then load it anew.
   * @throws {EngineSaturatedError} `signal` fired while it was still in use; it stays then
   */
  async evict(adapterId: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(adapterId);
    if (entry === undefined) return;
    entry.evictions++;
    try {
      while (entry.references > 0) await this.#lastUserOf(entry, signal);
      if (this.#entries.get(adapterId) !== entry || entry.evictions > 1) return;
      this.#evictions++;
      // It keeps its place until its memory is given back.
      try {
        await (await entry.lane).dispose();
      } finally {
        if (this.#entries.get(adapterId) === entry) this.#entries.delete(adapterId);
      }
    } finally {
      entry.evictions--;
      this.#serve();
    }
  }

  async close(): Promise<void> {
    for (const waiter of [...this.#waiters]) waiter.refuse(new EngineUnavailableError(2));
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async (entry) => (await entry.lane).dispose()));
  }

  /** The adapter's entry with one reference more, or undefined: it has to be waited for. Runs without a pause, so nobody can take the same place. */
  #usable(adapterId: string, inTurn: boolean): Entry<L> | undefined {
    let entry = this.#entries.get(adapterId);
    if (entry !== undefined && (entry.evictions > 0 || (entry.draining && !inTurn))) return undefined;
    if (entry === undefined) {
      if (!inTurn || (this.#entries.size >= this.#capacity && this.#victim() === undefined)) return undefined;
      entry = this.#admit(adapterId);
    }
    entry.draining = false;
    entry.references++;
    entry.lastUsedMs = this.#nowMs();
    const use = this.#useOf(adapterId);
    use.hits++;
    use.lastUsedMs = entry.lastUsedMs;
    return entry;
  }

  /** Gives what can be had to those who wait: a place to the first in line, a loaded adapter to whoever wants it. */
  #serve(): void {
    let inTurn = true;
    for (const waiter of [...this.#waiters]) {
      const entry = this.#usable(waiter.adapterId, inTurn);
      if (entry === undefined) inTurn = false;
      else waiter.serve(entry);
    }
    this.#drain();
  }

  /** Makes room if needed and starts loading. */
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
      this.#loads++;
      return loaded;
    })();
    const entry: Entry<L> = {
      adapterId,
      lane,
      loaded: undefined,
      references: 0,
      draining: false,
      evictions: 0,
      lastUsedMs: started,
    };
    lane.then(
      (loaded) => {
        entry.loaded = loaded;
      },
      () => {},
    );
    this.#entries.set(adapterId, entry);
    return entry;
  }

  #victim(): Entry<L> | undefined {
    let victim: Entry<L> | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.references > 0 || entry.evictions > 0 || this.#pinned.has(entry.adapterId)) continue;
      if (victim === undefined || entry.lastUsedMs < victim.lastUsedMs) victim = entry;
    }
    return victim;
  }

  async #wait(adapterId: string, signal: AbortSignal): Promise<Entry<L>> {
    const tooLate = (): Error => new EngineSaturatedError(2, "every adapter place is in use");
    if (signal.aborted) throw tooLate();
    if (!this.#mayWait()) throw new EngineSaturatedError(2);
    return await new Promise<Entry<L>>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(patience);
        signal.removeEventListener("abort", onAbort);
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      };
      const waiter: Waiter<L> = {
        adapterId,
        impatient: false,
        serve: (entry) => {
          leave();
          resolve(entry);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => {
        waiter.refuse(tooLate());
        // Whoever stood behind may be in turn now, and a lane drained for this one need not be.
        this.#serve();
      };
      const patience = setTimeout(() => {
        waiter.impatient = true;
        this.#drain();
      }, this.#patienceMs);
      patience.unref();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #lastUserOf(entry: Entry<L>, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const leavers = this.#leavers.get(entry) ?? new Set();
      this.#leavers.set(entry, leavers);
      const leave = (): void => {
        signal.removeEventListener("abort", onAbort);
        leavers.delete(wake);
        if (leavers.size === 0) this.#leavers.delete(entry);
      };
      const wake = (): void => {
        leave();
        resolve();
      };
      const onAbort = (): void => {
        leave();
        reject(new EngineSaturatedError(2, "the adapter is still in use"));
      };
      leavers.add(wake);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  #letGo(entry: Entry<L>): void {
    entry.references--;
    if (entry.references === 0) for (const wake of [...(this.#leavers.get(entry) ?? [])]) wake();
  }

  /** As many lanes are drained as adapters are wanted by someone who has lost patience. */
  #drain(): void {
    const entries = [...this.#entries.values()];
    const wanted = new Set<string>();
    for (const { impatient, adapterId } of this.#waiters)
      if (impatient && !this.#entries.has(adapterId)) wanted.add(adapterId);
    let missing = wanted.size - entries.filter((entry) => entry.draining || entry.evictions > 0).length;
    const candidates = entries.filter(
      (entry) => entry.references > 0 && entry.evictions === 0 && !entry.draining && !this.#pinned.has(entry.adapterId),
    );
    candidates.sort((a, b) => a.references - b.references || a.lastUsedMs - b.lastUsedMs);
    for (const entry of candidates) if (missing-- > 0) entry.draining = true;
  }

  #useOf(adapterId: string): { hits: number; loadMs: number | null; lastUsedMs: number | null } {
    const use = this.#uses.get(adapterId) ?? { hits: 0, loadMs: null, lastUsedMs: null };
    this.#uses.set(adapterId, use);
    return use;
  }
}
