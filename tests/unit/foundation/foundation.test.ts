import { describe, expect, it } from "vitest";
import {
  Disposal,
  EventQueue,
  foldTurkish,
  InvalidRequestError,
  PlatformError,
  pause,
  stripTurkishDiacritics,
  within,
  withTimeout,
} from "../../../services/foundation/index.ts";
import { settle } from "../../support/macrotask.ts";

describe("Disposal", () => {
  it("closes what was opened last first, once", async () => {
    const disposal = new Disposal();
    const closed: string[] = [];
    for (const name of ["a", "b", "c"]) disposal.own(name, (resource) => void closed.push(resource));
    await Promise.all([disposal.close(), disposal.close()]);
    expect(closed).toEqual(["c", "b", "a"]);
  });

  it("waits for each to be closed before it closes the next", async () => {
    const disposal = new Disposal();
    const closed: string[] = [];
    disposal.own("a", () => void closed.push("a"));
    disposal.own("b", async () => {
      await settle();
      closed.push("b");
    });
    await disposal.close();
    expect(closed).toEqual(["b", "a"]);
  });

  it("closes the others when one fails, and tells of every failure", async () => {
    const disposal = new Disposal();
    const closed: string[] = [];
    disposal.own("a", () => void closed.push("a"));
    for (const name of ["b", "c"]) {
      disposal.own(name, () => {
        throw new Error(name);
      });
    }
    await expect(disposal.close()).rejects.toMatchObject({ errors: [{ message: "c" }, { message: "b" }] });
    expect(closed).toEqual(["a"]);
  });

  it("hands back what it owns", () => {
    expect(new Disposal().own(7, () => {})).toBe(7);
  });
});

describe("EventQueue", () => {
  const read = async <T>(queue: EventQueue<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const event of queue) all.push(event);
    return all;
  };

  it("gives everything in order, whether it was written before or after reading began", async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    const all = read(queue);
    await settle();
    queue.push(2);
    queue.push(3);
    await settle();
    queue.push(4);
    queue.end();
    expect(await all).toEqual([1, 2, 3, 4]);
  });

  it("gives what was written before a failure, then the failure", async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    queue.fail(new Error("kaput"));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const event of queue) seen.push(event);
      })(),
    ).rejects.toThrow("kaput");
    expect(seen).toEqual([1]);
  });

  it("wakes a reader who waits for the end or for a failure", async () => {
    const ending = new EventQueue<number>();
    const ended = read(ending);
    const failing = new EventQueue<number>();
    const failed = read(failing).catch((error: unknown) => error);
    await settle();
    ending.end();
    failing.fail("kaput");
    expect([await ended, await failed]).toEqual([[], "kaput"]);
  });
});

describe("deadlines", () => {
  it("pause answers whether the whole time passed", async () => {
    expect(await pause(1)).toBe(true);
    expect(await pause(60_000, AbortSignal.abort())).toBe(false);
    const controller = new AbortController();
    const waiting = pause(60_000, controller.signal);
    controller.abort();
    expect(await waiting).toBe(false);
  });

  it("withTimeout fires for whichever comes first", async () => {
    expect(withTimeout(60_000, AbortSignal.abort("left")).reason).toBe("left");
    const signal = withTimeout(1);
    await pause(20);
    expect(signal.aborted).toBe(true);
  });

  it("within gives the result, or the named error in time", async () => {
    expect(await within(60_000, Promise.resolve(3), () => new Error("late"))).toBe(3);
    await expect(within(1, new Promise(() => {}), () => new Error("late"))).rejects.toThrow("late");
    await expect(within(60_000, Promise.reject(new Error("own")), () => new Error("late"))).rejects.toThrow("own");
  });
});

describe("Turkish letters", () => {
  it("fold by Turkish rules", () => {
    expect(foldTurkish("IĞDIR İZMİR ÇŞÖÜ")).toBe("ığdır izmir çşöü");
    expect(foldTurkish("I\u0307stanbul")).toBe("istanbul");
  });

  it("lose their marks for those who type without them", () => {
    expect(stripTurkishDiacritics(foldTurkish("Iğdır'da Çöğür, kâğıt"))).toBe("igdir'da cogur, kagit");
  });
});

describe("PlatformError", () => {
  it("carries its code, status, both languages, parameter, patience and cause", () => {
    const cause = new Error("root");
    const error = new PlatformError({
      code: "c",
      status: 503,
      message: "m",
      messageTr: "t",
      param: "p",
      retryAfterS: 2,
      cause,
    });
    expect(error).toMatchObject({
      code: "c",
      status: 503,
      message: "m",
      messageTr: "t",
      param: "p",
      retryAfterS: 2,
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it("has a name for a request's bad value", () => {
    expect(new InvalidRequestError("m", { param: "p" })).toMatchObject({
      name: "InvalidRequestError",
      code: "invalid_request",
      status: 400,
    });
  });
});
