import { describe, expect, it } from "vitest";
import { planThreads } from "../../../services/inference/llama/thread-plan.ts";

describe("planThreads", () => {
  it("gives a step of a large model every core, and several lanes a step each", () => {
    expect(planThreads(2, 300_000_000, false)).toEqual({ total: 2, perStep: 2, parallelSteps: 2 });
    expect(planThreads(16, 7_000_000_000, false)).toEqual({ total: 16, perStep: 16, parallelSteps: 3 });
  });

  it("gives a step of a small model one core", () => {
    expect(planThreads(2, 7_000_000, false)).toMatchObject({ perStep: 1, parallelSteps: 2 });
  });

  it("computes one step at a time on a GPU", () => {
    expect(planThreads(8, 7_000_000_000, true).parallelSteps).toBe(1);
  });

  it("takes a model of unknown size for a large one", () => {
    expect(planThreads(4, null, false).perStep).toBe(4);
  });
});
