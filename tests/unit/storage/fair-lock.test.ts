import { expect, it } from "vitest";
import { FairLock } from "../../../services/foundation/fair-lock.ts";

async function held(lock: FairLock) {
  const release = await lock.acquire(1_000);
  if (typeof release === "string") throw new Error(release);
  return release;
}

it("admits callers one at a time, in the order they came", async () => {
  const lock = new FairLock(10);
  const log: string[] = [];
  const first = await held(lock);
  const others = ["a", "b"].map(async (name) => {
    const release = await held(lock);
    log.push(name);
    await Promise.resolve();
    log.push(`${name} leaves`);
    release();
  });
  expect(log).toEqual([]);
  first();
  await Promise.all(others);
  expect(log).toEqual(["a", "a leaves", "b", "b leaves"]);
  expect(lock.idle).toBe(true);
});

it("turns away whom the queue has no place for, and forgets who waited too long", async () => {
  const lock = new FairLock(1);
  const release = await held(lock);
  const waiting = lock.acquire(10);
  expect(await lock.acquire(10)).toBe("full");
  expect(await waiting).toBe("late");
  release();
  expect(lock.idle).toBe(true);
  (await held(lock))();
});

it("lets go once, even when told twice", async () => {
  const lock = new FairLock(2);
  const first = await held(lock);
  const second = held(lock);
  first();
  first();
  await second;
  expect(lock.idle).toBe(false);
  expect(await lock.acquire(1)).toBe("late");
});

it("takes a caller that went away out of the queue", async () => {
  const lock = new FairLock(2);
  const first = await held(lock);
  const leaving = new AbortController();
  const gone = lock.acquire(1_000, leaving.signal);
  const patient = held(lock);
  leaving.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  first();
  (await patient)();
  expect(lock.idle).toBe(true);
});
