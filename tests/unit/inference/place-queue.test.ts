import { describe, expect, it } from "vitest";
import { EngineSaturatedError } from "../../../services/inference/index.ts";
import { PlaceQueue } from "../../../services/inference/llama/place-queue.ts";
import { settle } from "../../support/macrotask.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const never = new AbortController().signal;

/** A lane with so many places, answered after a while, as between two native steps. */
class Places {
  free: number;
  most = 0;
  taken = 0;
  pause: () => Promise<void> = async () => {};
  constructor(free: number) {
    this.free = free;
  }
  claim = async (): Promise<true | undefined> => {
    await this.pause();
    if (this.free === 0) return undefined;
    this.free--;
    this.taken++;
    this.most = Math.max(this.most, this.taken);
    return true;
  };
  leave(): void {
    this.free++;
    this.taken--;
  }
}

describe("PlaceQueue", () => {
  it("gives a free place at once", async () => {
    const queue = new PlaceQueue(() => false);
    expect(await queue.claim({}, never, new Places(1).claim)).toBe(true);
    expect(queue.waiting).toBe(0);
  });

  it("serves those who wait in the order they came", async () => {
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const places = new Places(0);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (name) => {
      await queue.claim(lane, never, places.claim);
      order.push(name);
    });
    await settle();
    expect(queue.waiting).toBe(3);
    for (let i = 0; i < 3; i++) {
      places.leave();
      queue.freed(lane);
      await settle();
    }
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it("does not let a newcomer pass those who wait", async () => {
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const places = new Places(0);
    const order: string[] = [];
    const first = queue.claim(lane, never, places.claim).then(() => order.push("first"));
    await settle();
    places.leave();
    const newcomer = queue.claim(lane, never, places.claim).then(() => order.push("newcomer"));
    queue.freed(lane);
    await settle();
    places.leave();
    queue.freed(lane);
    await Promise.all([first, newcomer]);
    expect(order).toEqual(["first", "newcomer"]);
  });

  it("keeps the queues of two lanes apart", async () => {
    const queue = new PlaceQueue(() => true);
    const full = {};
    const blocked = queue.claim(full, AbortSignal.timeout(50), new Places(0).claim).catch((error: unknown) => error);
    expect(await queue.claim({}, never, new Places(1).claim)).toBe(true);
    expect(await blocked).toBeInstanceOf(EngineSaturatedError);
  });

  it("says that it is saturated when the deadline comes first, and forgets who waited", async () => {
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const places = new Places(0);
    await expect(queue.claim(lane, AbortSignal.timeout(5), places.claim)).rejects.toBeInstanceOf(EngineSaturatedError);
    expect(queue.waiting).toBe(0);
    places.leave();
    expect(await queue.claim(lane, never, places.claim)).toBe(true);
  });

  it("refuses at once when too many wait already", async () => {
    const queue: PlaceQueue = new PlaceQueue(() => queue.waiting < 1);
    const lane = {};
    const places = new Places(0);
    const waiting = queue.claim(lane, AbortSignal.timeout(50), places.claim).catch(() => "gave up");
    await settle();
    await expect(queue.claim(lane, never, places.claim)).rejects.toBeInstanceOf(EngineSaturatedError);
    expect(await waiting).toBe("gave up");
  });

  it("hands a place on when the one in front has given up", async () => {
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const places = new Places(0);
    const leaving = new AbortController();
    const first = queue.claim(lane, leaving.signal, places.claim).catch(() => "left");
    const second = queue.claim(lane, never, places.claim);
    await settle();
    places.leave();
    leaving.abort();
    expect(await first).toBe("left");
    expect(await second).toBe(true);
  });

  it("hands a place on when the attempt of the one in front fails", async () => {
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const places = new Places(1);
    const first = queue.claim(lane, never, async () => {
      await settle();
      throw new Error("closing");
    });
    const second = queue.claim(lane, never, places.claim);
    await expect(first).rejects.toThrow("closing");
    expect(await second).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6])("loses no call and no place, whatever the order of events (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const queue = new PlaceQueue(() => true);
    const lane = {};
    const size = 1 + Math.floor(random() * 3);
    const places = new Places(size);
    places.pause = () => settle(Math.floor(random() * 3));
    let served = 0;
    let gaveUp = 0;
    const user = async (): Promise<void> => {
      const deadline =
        random() < 0.2 ? AbortSignal.timeout(1 + Math.floor(random() * 3)) : new AbortController().signal;
      await settle(Math.floor(random() * 10));
      try {
        await queue.claim(lane, deadline, places.claim);
      } catch {
        gaveUp++;
        return;
      }
      await settle(Math.floor(random() * 3));
      served++;
      places.leave();
      queue.freed(lane);
    };
    await Promise.all(Array.from({ length: 80 }, user));
    expect(served + gaveUp).toBe(80);
    expect(served).toBeGreaterThan(40);
    expect(places.most).toBeLessThanOrEqual(size);
    expect(places.free).toBe(size);
    expect(queue.waiting).toBe(0);
  });
});
