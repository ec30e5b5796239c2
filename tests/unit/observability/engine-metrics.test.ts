import { describe, expect, it } from "vitest";
import type { Engine, GenerateRequest } from "../../../services/inference/index.ts";
import { createEngineMetrics } from "../../../services/observability/index.ts";
import { seriesIn } from "../../support/metrics.ts";
import { type Script, ScriptedEngine } from "../../support/scripted-engine.ts";

const prompt = { messages: [{ role: "user" as const, content: "Kıdem tazminatı nedir?" }] };

async function ask(engine: Engine, request: Partial<GenerateRequest> = {}): Promise<void> {
  for await (const _ of engine.generate({ prompt, ...request }));
}

function opened(script: Script = { adapters: ["legal@3"] }) {
  const metrics = createEngineMetrics(() => performance.now());
  const scripted = new ScriptedEngine(script);
  const activity = { loads: 5, evictions: 2, kvTokens: 256, kvRoom: 1024 };
  const status = async () => ({ ...(await scripted.status()), activity });
  const engine = metrics.measured(
    Object.assign(Object.create(scripted), {
      generate: scripted.generate.bind(scripted),
      status,
    }) as Engine,
  );
  return { metrics, engine, series: async () => seriesIn(await metrics.registry.metrics()) };
}

describe("the engine's numbers", () => {
  it("count generations, tokens and times under the adapter, the base model's under base", async () => {
    const { engine, series } = opened();
    await ask(engine, { adapterId: "legal@3" });
    await ask(engine);
    const lines = await series();
    expect(lines).toContain('llm_requests_total{adapter="legal@3",outcome="ok"} 1');
    expect(lines).toContain('llm_requests_total{adapter="base",outcome="ok"} 1');
    for (const name of ["llm_request_latency_seconds", "llm_time_to_first_token_seconds"])
      expect(lines).toContain(`${name}_count{adapter="legal@3"} 1`);
    expect(lines.find((line) => line.startsWith('llm_tokens_generated_total{adapter="legal@3"}'))).toMatch(/ [1-9]/);
    expect(lines).toContain("llm_queue_seconds_count 2");
  });

  it("take a step's size and the gaps between tokens from the engine's own scheduler", async () => {
    const { metrics, series } = opened();
    metrics.observer.stepBegan(3);
    metrics.observer.tokenChosen("legal@3", 20);
    metrics.observer.tokenChosen(undefined, 4);
    const lines = await series();
    expect(lines).toContain("llm_batch_size_sum 3");
    expect(lines).toContain('llm_inter_token_latency_seconds_sum{adapter="legal@3"} 0.02');
    expect(lines).toContain('llm_inter_token_latency_seconds_count{adapter="base"} 1');
  });

  it("show loads, evictions and how full the room for keys and values is", async () => {
    const { series } = opened();
    const lines = await series();
    expect(lines).toContain("llm_adapter_loads_total 5");
    expect(lines).toContain("llm_adapter_evictions_total 2");
    expect(lines).toContain("llm_kv_cache_usage_ratio 0.25");
    // Scraping again adds nothing.
    expect(await series()).toContain("llm_adapter_loads_total 5");
  });

  it("never carry a name that the engine does not know, whatever goes wrong with it", async () => {
    const { engine, series } = opened();
    await expect(ask(engine, { adapterId: "made-up@1" })).rejects.toThrow();
    const leaving = AbortSignal.abort();
    await expect(async () => {
      for await (const _ of engine.generate({ prompt, adapterId: "made-up@2" }, leaving));
    }).rejects.toThrow();
    const text = (await series()).join("\n");
    expect(text).not.toContain("made-up");
    expect(text).toContain('llm_requests_total{adapter="unknown",outcome="adapter_not_found"} 1');
  });
});
