import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { PlatformError } from "../foundation/index.ts";
import type { Engine, GenerateEvent, GenerateRequest } from "../inference/index.ts";
import { registerProcessMetrics } from "./process-metrics.ts";

export interface EngineMetrics {
  readonly registry: Registry;
  /** The same promise, counted. */
  measured(engine: Engine): Engine;
}

/** infer's numbers. The adapter label holds only ids the engine itself knows. */
export function createEngineMetrics(nowMs: () => number): EngineMetrics {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const registers = [registry];
  const requests = new Counter({
    name: "llm_requests_total",
    help: "Generations by adapter and outcome (ok, aborted, or an error code).",
    labelNames: ["adapter", "outcome"],
    registers,
  });
  const tokens = new Counter({
    name: "llm_tokens_generated_total",
    help: "Tokens generated.",
    labelNames: ["adapter"],
    registers,
  });
  const promptTokens = new Counter({
    name: "llm_prompt_tokens_total",
    help: "Prompt tokens by where their keys and values came from (computed, cache).",
    labelNames: ["adapter", "source"],
    registers,
  });
  const latency = new Histogram({
    name: "llm_request_latency_seconds",
    help: "Time of a whole generation, queue included.",
    labelNames: ["adapter"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  const firstToken = new Histogram({
    name: "llm_time_to_first_token_seconds",
    help: "Time until the first text of a generation.",
    labelNames: ["adapter"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });

  const measure = async function* (
    engine: Engine,
    request: GenerateRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent> {
    const adapter = request.adapterId ?? "base";
    const started = nowMs();
    let spoke = false;
    let outcome = "aborted";
    try {
      for await (const event of engine.generate(request, signal)) {
        if (event.type === "end") {
          outcome = "ok";
          tokens.inc({ adapter }, event.usage.completionTokens);
          promptTokens.inc({ adapter, source: "cache" }, event.usage.cachedTokens);
          promptTokens.inc({ adapter, source: "computed" }, event.usage.promptTokens - event.usage.cachedTokens);
        } else if (!spoke) {
          spoke = true;
          firstToken.observe({ adapter }, (nowMs() - started) / 1000);
        }
        yield event;
      }
    } catch (failure) {
      if (signal?.aborted !== true) outcome = failure instanceof PlatformError ? failure.code : "internal";
      throw failure;
    } finally {
      // A name nobody knows must not become a label.
      const label = outcome === "adapter_not_found" ? "unknown" : adapter;
      requests.inc({ adapter: label, outcome });
      if (outcome === "ok") latency.observe({ adapter }, (nowMs() - started) / 1000);
    }
  };

  return {
    registry,
    measured: (engine) => {
      registerEngineGauges(registry, engine);
      return {
        generate: (request, signal) => measure(engine, request, signal),
        embed: (texts, signal) => engine.embed(texts, signal),
        tokenize: (text, options) => engine.tokenize(text, options),
        status: () => engine.status(),
        loadAdapter: (request) => engine.loadAdapter(request),
        unloadAdapter: (name) => engine.unloadAdapter(name),
        [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      };
    },
  };
}

function registerEngineGauges(registry: Registry, engine: Engine): void {
  const registers = [registry];
  new Gauge({
    name: "llm_active_contexts",
    help: "Generations running now.",
    registers,
    async collect() {
      this.set((await engine.status()).capacity.active);
    },
  });
  new Gauge({
    name: "llm_queued_requests",
    help: "Generations waiting for a place.",
    registers,
    async collect() {
      this.set((await engine.status()).capacity.queued);
    },
  });
  new Gauge({
    name: "vllm:lora_adapter_loaded",
    help: "1 where the adapter's weights are in memory.",
    labelNames: ["adapter"],
    registers,
    async collect() {
      this.reset();
      for (const adapter of (await engine.status()).adapters)
        this.set({ adapter: adapter.id }, adapter.resident ? 1 : 0);
    },
  });
  new Gauge({
    name: "llm_adapter_load_seconds",
    help: "Duration of an adapter's last load.",
    labelNames: ["adapter"],
    registers,
    async collect() {
      this.reset();
      for (const adapter of (await engine.status()).adapters) {
        if (adapter.loadMs !== null) this.set({ adapter: adapter.id }, adapter.loadMs / 1000);
      }
    },
  });
}
