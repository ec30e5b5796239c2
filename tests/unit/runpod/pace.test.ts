import { describe, expect, it } from "vitest";
import { defaultPace, failurePauseMs, Patience } from "../../../services/runpod/pace.ts";

describe("a worker's patience", () => {
  it("doubles the pause with each failure in a row, up to the longest", () => {
    expect([1, 2, 3, 4, 5, 6, 99].map((failures) => failurePauseMs(defaultPace, failures))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
  });

  it("counts anew after an answer that was none", () => {
    const patience = new Patience(defaultPace);
    patience.pauseMs("failed", 0);
    expect(patience.pauseMs("failed", 0)).toBe(2000);
    patience.pauseMs("none", 0);
    expect(patience.pauseMs("failed", 0)).toBe(1000);
  });

  it("asks at once after jobs, and after an answer that was held back", () => {
    const patience = new Patience(defaultPace);
    expect(patience.pauseMs("jobs", 0)).toBe(0);
    expect(patience.pauseMs("none", 20_000)).toBe(0);
  });

  it("lets an endpoint rest that answers at once, and longer one that says so", () => {
    const patience = new Patience(defaultPace);
    expect(patience.pauseMs("none", 100)).toBe(400);
    expect(patience.pauseMs("throttled", 100)).toBe(5000);
  });
});
