import { describe, expect, it } from "vitest";
import { planMemory } from "../../../services/inference/llama/memory-plan.ts";

const mib = 1024 * 1024;

describe("planMemory", () => {
  it("grants the wanted number of adapters when memory allows", () => {
    expect(planMemory(22, 40 * mib, 10 * mib, 1000 * mib).residentAdapters).toBe(22);
  });

  it("lowers the number until the contexts, the base's included, fit the budget", () => {
    expect(planMemory(22, 40 * mib, 10 * mib, 60 * mib).residentAdapters).toBe(5);
  });

  it("never goes below one", () => {
    expect(planMemory(22, 40 * mib, 10 * mib, 0).residentAdapters).toBe(1);
    expect(planMemory(1, 40 * mib, 10 * mib, 5 * mib).residentAdapters).toBe(1);
  });

  it("copes with a context whose size is unknown", () => {
    expect(planMemory(22, 40 * mib, 0, 60 * mib).residentAdapters).toBe(22);
  });

  it("says what it added up", () => {
    expect(planMemory(5, 40 * mib, 10 * mib, 60 * mib).formula).toBe(
      "model 40.0 MiB + 6 contexts × 10.0 MiB = 100.0 MiB at most (context budget 60.0 MiB)",
    );
  });
});
