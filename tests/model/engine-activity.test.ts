import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngineMetrics } from "../../services/observability/index.ts";
import { seriesIn } from "../support/metrics.ts";
import { openTinyEngine, type TinyEngine } from "../support/tiny-engine.ts";

const seen = { steps: [] as number[], gaps: [] as (readonly [string | undefined, number])[] };
let house: TinyEngine;
beforeAll(async () => {
  house = await openTinyEngine({
    adapters: 3,
    maxResidentAdapters: 2,
    observer: {
      stepBegan: (sequences) => seen.steps.push(sequences),
      tokenChosen: (adapterId, gapMs) => seen.gaps.push([adapterId, gapMs]),
    },
  });
}, 60_000);
afterAll(() => house?.close());

async function generate(adapterId: string | undefined, maxTokens: number): Promise<number> {
  const request = { prompt: { text: "Merhaba dünya" }, maxTokens, ...(adapterId === undefined ? {} : { adapterId }) };
  let tokens = 0;
  for await (const event of house.engine.generate(request))
    if (event.type === "end") tokens = event.usage.completionTokens;
  return tokens;
}

describe("what the engine tells of its work", () => {
  it("is a gap for every token but a reply's first, under the adapter that wrote it", async () => {
    seen.gaps.length = 0;
    const own = await generate("a1@1", 6);
    const base = await generate(undefined, 4);
    expect(seen.gaps.filter(([adapter]) => adapter === "a1@1")).toHaveLength(own - 1);
    expect(seen.gaps.filter(([adapter]) => adapter === undefined)).toHaveLength(base - 1);
    expect(seen.gaps.every(([, ms]) => ms >= 0)).toBe(true);
  });

  it("is how many conversations each step computes", async () => {
    seen.steps.length = 0;
    await Promise.all([generate("a1@1", 12), generate("a1@1", 12), generate("a1@1", 12)]);
    expect(Math.min(...seen.steps)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...seen.steps)).toBeGreaterThan(1);
  });

  it("is which adapters came and went, and how full the room for keys and values is", async () => {
    const metrics = createEngineMetrics(() => performance.now());
    metrics.measured(house.engine);
    const value = async (name: string) =>
      Number(
        seriesIn(await metrics.registry.metrics())
          .find((line) => line.startsWith(`${name} `))
          ?.split(" ")[1],
      );
    await generate("a2@1", 2);
    const loads = await value("llm_adapter_loads_total");
    const evictions = await value("llm_adapter_evictions_total");
    await generate("a3@1", 2);
    // The scrape looks once in a quarter of a second.
    await expect.poll(() => value("llm_adapter_loads_total"), { timeout: 10_000 }).toBe(loads + 1);
    expect(await value("llm_adapter_evictions_total")).toBe(evictions + 1);
    const used = await value("llm_kv_cache_usage_ratio");
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(1);
  });
});
