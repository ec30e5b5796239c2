import { describe, expect, it } from "vitest";
import { createSerialQueue } from "../../../../services/voice/session/serial-queue.ts";
import { deferred } from "../../../support/deferred.ts";
import { settle } from "../../../support/macrotask.ts";

describe("the queue of a client's events", () => {
  it("deals with them one after the other, in their order", async () => {
    const queue = createSerialQueue({ most: 10, mostBytes: 10 }, () => {});
    const gate = deferred();
    const done: number[] = [];
    queue.push(0, async () => {
      await gate.promise;
      done.push(1);
    });
    queue.push(0, () => void done.push(2));
    await settle();
    expect(done).toEqual([]);
    expect(queue.depth).toBe(1);
    gate.resolve();
    await settle();
    expect(done).toEqual([1, 2]);
  });

  it("goes on after one that throws, at once or later", async () => {
    const faults: unknown[] = [];
    const queue = createSerialQueue({ most: 10, mostBytes: 10 }, (thrown) => faults.push(thrown));
    const done: number[] = [];
    queue.push(0, () => {
      throw new Error("at once");
    });
    queue.push(0, () => Promise.reject(new Error("later")));
    await settle();
    queue.push(0, () => void done.push(1));
    await settle();
    expect(faults).toHaveLength(2);
    expect(done).toEqual([1]);
  });

  it("takes no more than its bounds, but one entry of any size", async () => {
    const queue = createSerialQueue({ most: 2, mostBytes: 100 }, () => {});
    const gate = deferred();
    expect(queue.push(0, () => gate.promise)).toBe(true);
    expect(queue.push(500, () => {})).toBe(true);
    expect(queue.push(1, () => {})).toBe(false);
    gate.resolve();
    await settle();
    expect([queue.push(0, () => gate.promise), queue.push(60, () => {}), queue.push(60, () => {})]).toEqual([
      true,
      true,
      false,
    ]);
    await settle();
  });

  it("hears sound together that waits behind other sound, and never across what lies between", async () => {
    const queue = createSerialQueue({ most: 10, mostBytes: 100 }, () => {});
    const gate = deferred();
    const heard: string[] = [];
    const hear = async (sounds: readonly Uint8Array[]): Promise<void> => {
      await gate.promise;
      heard.push(sounds.map((sound) => [...sound].join("")).join("+"));
    };
    for (const sound of [1, 2, 3]) queue.pushSound(Uint8Array.of(sound), hear);
    queue.push(0, () => void heard.push("commit"));
    for (const sound of [4, 5]) queue.pushSound(Uint8Array.of(sound), hear);
    expect(queue.depth).toBe(3);
    gate.resolve();
    await settle();
    expect(heard).toEqual(["1", "2+3", "commit", "4+5"]);
  });

  it("bounds the bytes of sound that waits", async () => {
    const queue = createSerialQueue({ most: 10, mostBytes: 100 }, () => {});
    const gate = deferred();
    const hear = (): Promise<void> => gate.promise;
    const sound = new Uint8Array(60);
    expect([1, 2, 3].map(() => queue.pushSound(sound, hear))).toEqual([true, true, false]);
    gate.resolve();
    await settle();
    expect(queue.pushSound(sound, hear)).toBe(true);
  });

  it("drops what waits when it is closed, and ends with what is under way", async () => {
    const queue = createSerialQueue({ most: 10, mostBytes: 10 }, () => {});
    const gate = deferred();
    const done: number[] = [];
    queue.push(0, async () => {
      await gate.promise;
      done.push(1);
    });
    queue.push(0, () => void done.push(2));
    const closed = queue.close();
    queue.push(0, () => void done.push(3));
    gate.resolve();
    await closed;
    await settle();
    expect(done).toEqual([1]);
  });
});
