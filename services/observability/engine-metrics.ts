import { Counter, Histogram, Registry } from "prom-client";
import { PlatformError } from "../foundation/index.ts";
import {
  type Engine,
  type EngineObserver,
  type GenerateEvent,
  type GenerateRequest,
  withGenerate,
} from "../inference/index.ts";
import { registerEngineGauges } from "./engine-gauges.ts";
import { type TraceLabel, traceExemplar } from "./exemplar.ts";
import { registerGpuMetrics } from "./gpu-metrics.ts";
import { boundedLabel, labelDefaults } from "./labels.ts";
import { registerProcessMetrics } from "./process-metrics.ts";
import { traceIdOf } from "./tracing/current-trace.ts";

export interface EngineMetrics {
  readonly registry: Registry;
  /** For the engine itself, which tells of its steps. */
  readonly observer: EngineObserver;
  /** The same promise, counted. */
  measured(engine: Engine): Engine;
}

/** What the base model alone is called. */
const base = "base";
/** Seconds; few, as there is one such set for each adapter. */
const latencyBuckets = [0.1, 0.5, 1, 2.5, 10, 60];
const firstTokenBuckets = [0.05, 0.15, 0.5, 1, 2.5, 10];
const maxOutcomes = 32;
const gapBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25];

/** infer's numbers. The adapter label holds only ids the engine itself knows. */
export function createEngineMetrics(
  nowMs: () => number,
  maxAdapters: number = labelDefaults.maxAdapters,
): EngineMetrics {
  const registry = new Registry();
  registerProcessMetrics(registry, "infer");
  registerGpuMetrics(registry);
  const counts = registerGenerations(registry);
  const steps = registerSteps(registry);
  const bounded = boundedLabel(maxAdapters);
  const outcomes = boundedLabel(maxOutcomes);
  /** Ids that the engine has served. */
  const known = new Set<string>([base]);

  const measure = async function* (
    engine: Engine,
    request: GenerateRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent> {
    const id = request.adapterId ?? base;
    const started = nowMs();
    const seconds = (): number => (nowMs() - started) / 1000;
    let spoke = false;
    let outcome = "aborted";
    try {
      for await (const event of engine.generate(request, signal)) {
        if (!known.has(id)) known.add(id);
        const adapter = bounded(id);
        if (event.type === "end") {
          outcome = "ok";
          const { usage, timings } = event;
          counts.tokens.inc({ adapter }, usage.completionTokens);
          counts.promptTokens.inc({ adapter, source: "cache" }, usage.cachedTokens);
          counts.promptTokens.inc({ adapter, source: "computed" }, usage.promptTokens - usage.cachedTokens);
          steps.queue.observe(timings.queue_ms / 1000);
        } else if (!spoke) {
          spoke = true;
          counts.firstToken.observe({ labels: { adapter }, value: seconds(), ...traceExemplar(traceIdOf(signal)) });
        }
        yield event;
      }
    } catch (failure) {
      if (signal?.aborted !== true) outcome = failure instanceof PlatformError ? failure.code : "internal";
      throw failure;
    } finally {
      // A name nobody knows must not become a label: one that never served and is none of the engine's.
      const adapter =
        known.has(id) || (outcome !== "adapter_not_found" && (await isOf(engine, id))) ? bounded(id) : "unknown";
      counts.requests.inc({ adapter, outcome: outcomes(outcome) });
      if (outcome === "ok")
        counts.latency.observe({ labels: { adapter }, value: seconds(), ...traceExemplar(traceIdOf(signal)) });
    }
  };

  return {
    registry,
    observer: {
      stepBegan: (sequences) => steps.batch.observe(sequences),
      tokenChosen: (adapterId, gapMs) => counts.gap.observe({ adapter: bounded(adapterId ?? base) }, gapMs / 1000),
    },
    measured: (engine) => {
      registerEngineGauges(registry, bounded, () => engine.status());
      return withGenerate(engine, (request, signal) => measure(engine, request, signal));
    },
  };
}

async function isOf(engine: Engine, id: string): Promise<boolean> {
  const status = await engine.status().catch(() => undefined);
  return status?.adapters.some((adapter) => adapter.id === id) === true;
}

/** What is asked of the engine, by adapter. */
function registerGenerations(registry: Registry) {
  const registers = [registry];
  const labelNames = ["adapter"] as const;
  const latency = new Histogram<"adapter" | TraceLabel>({
    name: "llm_request_latency_seconds",
    help: "Time of a whole generation, queue included.",
    labelNames,
    buckets: latencyBuckets,
    enableExemplars: true,
    registers: [],
  });
  const firstToken = new Histogram<"adapter" | TraceLabel>({
    name: "llm_time_to_first_token_seconds",
    help: "Time until the first text of a generation.",
    labelNames,
    buckets: firstTokenBuckets,
    enableExemplars: true,
    registers: [],
  });
  registry.registerMetric(latency);
  registry.registerMetric(firstToken);
  return {
    latency,
    firstToken,
    requests: new Counter({
      name: "llm_requests_total",
      help: "Generations by adapter and outcome (ok, aborted, or an error code).",
      labelNames: ["adapter", "outcome"],
      registers,
    }),
    tokens: new Counter({
      name: "llm_tokens_generated_total",
      help: "Tokens generated.",
      labelNames,
      registers,
    }),
    promptTokens: new Counter({
      name: "llm_prompt_tokens_total",
      help: "Prompt tokens by where their keys and values came from (computed, cache).",
      labelNames: ["adapter", "source"],
      registers,
    }),
    gap: new Histogram({
      name: "llm_inter_token_latency_seconds",
      help: "Time from one token of a reply to the next, where the engine chooses them.",
      labelNames,
      buckets: gapBuckets,
      registers,
    }),
  };
}

/** What the scheduler does. */
function registerSteps(registry: Registry) {
  const registers = [registry];
  return {
    queue: new Histogram({
      name: "llm_queue_seconds",
      help: "Time from a generation's acceptance to its first computed token; an adapter's loading is part of it.",
      buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
    batch: new Histogram({
      name: "llm_batch_size",
      help: "Conversations computed together in one step.",
      buckets: [1, 2, 3, 4, 6, 8, 16, 32],
      registers,
    }),
  };
}
