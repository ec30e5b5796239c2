import { describe, expect, it } from "vitest";
import { planMemory } from "../../../services/inference/llama/memory-plan.ts";
import { memoryPools } from "../../../services/inference/llama/memory-pools.ts";

const mib = 1024 * 1024;
const gib = 1024 * mib;

/** A workstation with much memory and a small card: a context lies on the card, but for a little. */
const workstation = {
  wantedBytes: 0,
  context: { bytes: 1100 * mib, gpuBytes: 1000 * mib },
  adapterBytes: 100 * mib,
  freeBytes: 200 * gib,
  freeGpuBytes: 10_000 * mib,
};
const residents = (atHand: Parameters<typeof memoryPools>[0]) =>
  planMemory(22, 4 * gib, memoryPools(atHand)).residentAdapters;

describe("memoryPools", () => {
  it("plans on a graphics processor with its memory, however much the host has", () => {
    // Half of 11 000 MiB, less the base's 1000: four times 1100.
    expect(residents(workstation)).toBe(4);
  });

  it("plans with the host's memory where that is scarcer", () => {
    expect(residents({ ...workstation, freeBytes: 600 * mib })).toBe(2);
  });

  it("plans with half of the host's free memory where no graphics processor is used", () => {
    const host = { ...workstation, context: { bytes: 1000 * mib, gpuBytes: 0 }, freeBytes: 20_000 * mib };
    expect(residents({ ...host, freeGpuBytes: undefined })).toBe(8);
    expect(residents(host)).toBe(8);
  });

  it("counts the weights of the largest adapter for each", () => {
    expect(residents({ ...workstation, adapterBytes: 500 * mib })).toBe(3);
    expect(residents({ ...workstation, adapterBytes: 0 })).toBe(4);
  });

  it("takes what the settings say, wherever contexts lie", () => {
    expect(residents({ ...workstation, wantedBytes: 7100 * mib })).toBe(5);
  });
});
