import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { giveWordOfLife } from "../../../services/main/supervision/word-of-life.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a start", () => {
  it("is said to go on when somebody says so, and not once too often", () => {
    const say = vi.fn();
    const word = giveWordOfLife(say, () => 7);
    vi.advanceTimersByTime(10_000);
    expect(say).not.toHaveBeenCalled();
    for (let i = 0; i < 1000; i++) word.goesOn();
    vi.advanceTimersByTime(10_000);
    expect(say).toHaveBeenCalledOnce();
  });

  it("is said to go on while files are read, even those nobody reports on, and not when reading stops", () => {
    const say = vi.fn();
    let reads = 0;
    const word = giveWordOfLife(say, () => reads);
    for (let i = 0; i < 5; i++) {
      reads += 3;
      vi.advanceTimersByTime(500);
    }
    expect(say).toHaveBeenCalledTimes(5);
    vi.advanceTimersByTime(120_000);
    expect(say).toHaveBeenCalledTimes(5);
    word.stop();
    reads += 3;
    vi.advanceTimersByTime(500);
    expect(say).toHaveBeenCalledTimes(5);
  });
});
