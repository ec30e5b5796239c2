import { describe, expect, it } from "vitest";
import { EngineSaturatedError } from "../../../services/inference/index.ts";
import { Residency } from "../../../services/inference/llama/residency.ts";
import { deferred, settle } from "../../support/macrotask.ts";
import { seededRandom } from "../../support/seeded-random.ts";

class FakeLane {
  readonly adapterId: string;
  readonly #house: House;
  disposed = 0;
  constructor(adapterId: string, house: House) {
    this.adapterId = adapterId;
    this.#house = house;
  }
  async dispose(): Promise<void> {
    if (this.#house.inUse(this) > 0) this.#house.violations.push(`${this.adapterId} was freed while in use`);
    await this.#house.pause();
    this.disposed++;
    if (this.disposed > 1) this.#house.violations.push(`${this.adapterId} was freed twice`);
    this.#house.alive--;
  }
}

/** Memory as it really is: a lane takes its place when loading begins and gives it back when disposal has ended. */
class House {
  alive = 0;
  most = 0;
  loads: string[] = [];
  failing = new Set<string>();
  readonly violations: string[] = [];
  readonly users = new Map<FakeLane, number>();
  readonly residency: Residency<FakeLane>;
  clock = 0;
  gate: Promise<void> | undefined;
  pause: () => Promise<void> = async () => {};
  waitLimit = Number.POSITIVE_INFINITY;

  constructor(capacity: number, patienceMs = 1_000_000) {
    this.residency = new Residency<FakeLane>({
      capacity,
      patienceMs,
      nowMs: () => ++this.clock,
      mayWait: () => this.residency.waiting < this.waitLimit,
      load: async (adapterId) => {
        this.loads.push(adapterId);
        this.alive++;
        this.most = Math.max(this.most, this.alive);
        await this.gate;
        await this.pause();
        if (this.failing.has(adapterId)) {
          this.alive--;
          throw new Error(`${adapterId} cannot be loaded`);
        }
        return new FakeLane(adapterId, this);
      },
    });
  }

  inUse(lane: FakeLane): number {
    return this.users.get(lane) ?? 0;
  }

  async acquire(adapterId: string, signal: AbortSignal = never): Promise<FakeLane> {
    const lane = await this.residency.acquire(adapterId, signal);
    if (lane.disposed > 0) this.violations.push(`${adapterId} was handed out after it was freed`);
    if (lane.adapterId !== adapterId) this.violations.push(`${adapterId} got the lane of ${lane.adapterId}`);
    this.users.set(lane, this.inUse(lane) + 1);
    return lane;
  }

  release(lane: FakeLane): void {
    this.users.set(lane, this.inUse(lane) - 1);
    this.residency.release(lane.adapterId);
  }

  async visit(adapterId: string): Promise<void> {
    this.release(await this.acquire(adapterId));
  }
}

const never = new AbortController().signal;

describe("Residency", () => {
  it("loads an adapter once, however many ask for it at the same time", async () => {
    const house = new House(2);
    const lanes = await Promise.all([house.acquire("a"), house.acquire("a"), house.acquire("a")]);
    expect(new Set(lanes).size).toBe(1);
    expect(house.loads).toEqual(["a"]);
    expect(house.residency.references("a")).toBe(3);
  });

  it("lets the least recently used adapter go first", async () => {
    const house = new House(2);
    await house.visit("a");
    await house.visit("b");
    await house.visit("a");
    await house.visit("c");
    expect(house.residency.isResident("a")).toBe(true);
    expect(house.residency.isResident("b")).toBe(false);
    expect(house.residency.evictions).toBe(1);
  });

  it("keeps a pinned adapter, and lets it go once unpinned", async () => {
    const house = new House(2);
    await house.residency.pin("a", never);
    for (const id of ["b", "c", "d"]) await house.visit(id);
    expect(house.residency.isPinned("a")).toBe(true);
    expect(house.residency.isResident("a")).toBe(true);
    house.residency.unpin("a");
    await house.visit("b");
    await house.visit("c");
    expect(house.residency.isResident("a")).toBe(false);
  });

  it("frees the longest idle adapter when asked to, none in use or pinned", async () => {
    const house = new House(4);
    await house.residency.pin("a", never);
    await house.visit("b");
    await house.visit("c");
    await house.acquire("d");
    expect(await house.residency.evictIdle()).toBe(true);
    expect(["a", "b", "c", "d"].filter((id) => house.residency.isResident(id))).toEqual(["a", "c", "d"]);
    expect(await house.residency.evictIdle()).toBe(true);
    expect(await house.residency.evictIdle()).toBe(false);
    expect(house.residency.evictions).toBe(2);
    expect(house.violations).toEqual([]);
  });

  it("pins nothing that cannot be loaded", async () => {
    const house = new House(2);
    house.failing.add("a");
    await expect(house.residency.pin("a", never)).rejects.toThrow();
    expect(house.residency.isPinned("a")).toBe(false);
  });

  it("frees the old adapter's memory before it takes more for the new one", async () => {
    const house = new House(1);
    await house.visit("a");
    await house.visit("b");
    expect(house.most).toBe(1);
    expect(house.violations).toEqual([]);
  });

  it("leaves nothing behind when loading fails, and tries again for the next", async () => {
    const house = new House(1);
    house.failing.add("a");
    const both = await Promise.allSettled([house.acquire("a"), house.acquire("a")]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(house.residency.isResident("a")).toBe(false);
    house.failing.clear();
    await house.visit("a");
    expect(house.loads).toEqual(["a", "a"]);
  });

  it("gives the place of a failed load to whoever waits", async () => {
    const house = new House(1);
    const gate = deferred();
    house.gate = gate.promise;
    house.failing.add("a");
    const failed = house.acquire("a").catch(() => "failed");
    const waiting = house.acquire("b");
    await settle();
    house.failing.add("a");
    gate.resolve();
    expect(await failed).toBe("failed");
    expect((await waiting).adapterId).toBe("b");
  });

  it("serves those who wait in the order they came", async () => {
    const house = new House(1);
    const first = await house.acquire("a");
    const order: string[] = [];
    const waiting = ["b", "c", "d", "e"].map(async (id) => {
      const lane = await house.acquire(id);
      order.push(id);
      house.release(lane);
    });
    await settle();
    house.release(first);
    await Promise.all(waiting);
    expect(order).toEqual(["b", "c", "d", "e"]);
  });

  it("lets a newcomer have a loaded adapter while others wait for a place", async () => {
    const house = new House(1);
    const first = await house.acquire("a");
    const waiting = house.acquire("b");
    await settle();
    const second = await house.acquire("a");
    house.release(first);
    house.release(second);
    house.release(await waiting);
    expect(house.loads).toEqual(["a", "b"]);
  });

  it("drains a busy adapter for those who have waited too long", async () => {
    const house = new House(1, 5);
    const first = await house.acquire("a");
    const waiting = house.acquire("b");
    await new Promise((resolve) => setTimeout(resolve, 30));
    const newcomer = house.acquire("a");
    await settle();
    expect(house.residency.references("a")).toBe(1);
    house.release(first);
    house.release(await waiting);
    house.release(await newcomer);
    expect(house.loads).toEqual(["a", "b", "a"]);
  });

  it("opens a drained adapter again when the one it was drained for has left", async () => {
    const house = new House(1, 5);
    const first = await house.acquire("a");
    const leaving = new AbortController();
    const waiting = house.acquire("b", leaving.signal).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 30));
    leaving.abort();
    expect(await waiting).toBeInstanceOf(EngineSaturatedError);
    const second = await house.acquire("a", AbortSignal.timeout(1000));
    house.release(first);
    house.release(second);
    await house.visit("a");
    expect(house.loads).toEqual(["a"]);
  });

  it("does not lock those who want a drained adapter behind one another", async () => {
    const house = new House(1, 5);
    const first = await house.acquire("a");
    const leaving = new AbortController();
    const impatient = house.acquire("b", leaving.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const again = house.acquire("a");
    const other = house.acquire("c");
    leaving.abort();
    await impatient;
    house.release(first);
    house.release(await again);
    house.release(await other);
    expect(house.loads).toEqual(["a", "c"]);
  });

  it("says that it is saturated when the signal fires first", async () => {
    const house = new House(1);
    const lane = await house.acquire("a");
    await expect(house.acquire("b", AbortSignal.timeout(5))).rejects.toBeInstanceOf(EngineSaturatedError);
    await expect(house.acquire("b", AbortSignal.abort())).rejects.toBeInstanceOf(EngineSaturatedError);
    expect(house.residency.waiting).toBe(0);
    house.release(lane);
    await house.visit("b");
  });

  it("refuses at once when too many wait already", async () => {
    const house = new House(1);
    house.waitLimit = 1;
    const lane = await house.acquire("a");
    const waiting = house.acquire("b");
    await expect(house.acquire("c")).rejects.toBeInstanceOf(EngineSaturatedError);
    house.release(lane);
    house.release(await waiting);
  });

  it("evicts only when nobody uses the adapter any more, and new users load it anew", async () => {
    const house = new House(2);
    const lane = await house.acquire("a");
    const evicted = house.residency.evict("a", never);
    await settle();
    expect(lane.disposed).toBe(0);
    const next = house.acquire("a");
    await settle();
    expect(house.loads).toEqual(["a"]);
    house.release(lane);
    await evicted;
    expect(lane.disposed).toBe(1);
    expect(await next).not.toBe(lane);
    expect(house.violations).toEqual([]);
  });

  it("does not exceed the cap while an evicted adapter is still being freed", async () => {
    const house = new House(1);
    await house.visit("a");
    const gate = deferred();
    house.pause = () => gate.promise;
    const evicted = house.residency.evict("a", never);
    const next = house.acquire("b");
    await settle();
    expect(house.most).toBe(1);
    gate.resolve();
    await evicted;
    house.release(await next);
    expect(house.most).toBe(1);
  });

  it("leaves the adapter serving when an eviction is given up", async () => {
    const house = new House(1);
    const lane = await house.acquire("a");
    await expect(house.residency.evict("a", AbortSignal.timeout(5))).rejects.toBeInstanceOf(EngineSaturatedError);
    house.release(await house.acquire("a", AbortSignal.timeout(1000)));
    house.release(lane);
    expect(house.loads).toEqual(["a"]);
  });

  it("frees an adapter once when two evict it at the same time", async () => {
    const house = new House(1);
    await house.visit("a");
    await Promise.all([house.residency.evict("a", never), house.residency.evict("a", never)]);
    expect(house.violations).toEqual([]);
    expect(house.alive).toBe(0);
  });

  it("counts hits and remembers how long loading took", async () => {
    const house = new House(1);
    await house.visit("a");
    await house.visit("a");
    expect(house.residency.use("a").hits).toBe(2);
    expect(house.residency.use("a").loadMs).toBeGreaterThan(0);
    expect(house.residency.use("b")).toEqual({ hits: 0, loadMs: null, lastUsedMs: null });
  });

  it("frees everything when it is closed, and sends away those who wait", async () => {
    const house = new House(1);
    await house.acquire("a");
    house.users.clear();
    const waiting = house.acquire("b").catch((error: unknown) => (error as { code: string }).code);
    await settle();
    await house.residency.close();
    expect(await waiting).toBe("engine_unavailable");
    expect(house.alive).toBe(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("keeps its promises through a storm of requests (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const capacity = 1 + Math.floor(random() * 4);
    const house = new House(capacity, 3);
    house.pause = () => settle(Math.floor(random() * 3));
    const adapters = ["a", "b", "c", "d", "e", "f"];
    const pick = (): string => adapters[Math.floor(random() * adapters.length)] ?? "a";
    house.failing.add("f");
    let served = 0;
    let refused = 0;
    let failed = 0;
    const user = async (): Promise<void> => {
      for (let i = 0; i < 25; i++) {
        const dice = random();
        if (dice < 0.06) await house.residency.evict(pick(), AbortSignal.timeout(2)).catch(() => undefined);
        else {
          const signal = dice < 0.3 ? AbortSignal.timeout(1 + Math.floor(random() * 4)) : AbortSignal.timeout(10_000);
          const wanted = pick();
          try {
            const lane = await house.acquire(wanted, signal);
            await settle(Math.floor(random() * 4));
            house.release(lane);
            served++;
          } catch (error) {
            if (error instanceof EngineSaturatedError) refused++;
            else if (wanted === "f") failed++;
            else throw error;
          }
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, user));
    expect(house.violations).toEqual([]);
    expect(house.most).toBeLessThanOrEqual(capacity);
    expect(house.residency.waiting).toBe(0);
    for (const id of adapters) expect(house.residency.references(id)).toBe(0);
    expect(served + refused + failed).toBeGreaterThan(200);
    expect(served).toBeGreaterThan(failed);
    await house.residency.close();
    expect(house.alive).toBe(0);
  });
});
