import { describe, expect, it } from "vitest";
import { planMemory } from "../../../services/inference/llama/memory-plan.ts";

const mib = 1024 * 1024;
const host = (contextMiB: number, budgetMiB: number, adapterMiB = 0) => ({
  name: "memory" as const,
  bytesPerContext: contextMiB * mib,
  bytesPerAdapter: adapterMiB * mib,
  budgetBytes: budgetMiB * mib,
});

describe("planMemory", () => {
  it("grants the wanted number of adapters when memory allows", () => {
    expect(planMemory(22, 40 * mib, [host(10, 1000)]).residentAdapters).toBe(22);
  });

  it("lowers the number until the contexts, the base's included, fit the budget", () => {
    expect(planMemory(22, 40 * mib, [host(10, 60)]).residentAdapters).toBe(5);
  });

  it("counts each adapter's weights, and none for the base", () => {
    expect(planMemory(22, 40 * mib, [host(10, 60, 2)]).residentAdapters).toBe(4);
    expect(planMemory(22, 40 * mib, [host(10, 70, 2)]).residentAdapters).toBe(5);
  });

  it("lets the scarcest memory decide", () => {
    const card = { ...host(8, 40), name: "graphics memory" as const };
    expect(planMemory(22, 40 * mib, [card, host(2, 1000)]).residentAdapters).toBe(4);
    expect(planMemory(22, 40 * mib, [card, host(2, 6)]).residentAdapters).toBe(2);
  });

  it("never goes below one", () => {
    expect(planMemory(22, 40 * mib, [host(10, 0)]).residentAdapters).toBe(1);
    expect(planMemory(1, 40 * mib, [host(10, 5)]).residentAdapters).toBe(1);
  });

  it("copes with a context whose size is unknown", () => {
    expect(planMemory(22, 40 * mib, [host(0, 60)]).residentAdapters).toBe(22);
  });

  it("says what it added up", () => {
    expect(planMemory(5, 40 * mib, [host(10, 70, 2)]).formula).toBe(
      "model 40.0 MiB + 6 contexts × 10.0 MiB + 5 adapters × 2.0 MiB = 110.0 MiB at most (budget 70.0 MiB of memory)",
    );
    expect(planMemory(5, 40 * mib, [{ ...host(8, 64, 2), name: "graphics memory" }, host(2, 100)]).formula).toBe(
      "model 40.0 MiB + 6 contexts × 10.0 MiB + 5 adapters × 2.0 MiB = 110.0 MiB at most (budget 64.0 MiB of graphics memory, 100.0 MiB of memory)",
    );
  });
});
