import { Counter, Gauge, type Registry } from "prom-client";
import type { EngineStatus } from "../inference/index.ts";
import { type Label, other } from "./labels.ts";
import { oncePerScrape } from "./once-per-scrape.ts";

/** The engine's state; it is asked once a scrape. */
export function registerEngineGauges(registry: Registry, label: Label, status: () => Promise<EngineStatus>): void {
  const look = oncePerScrape(status);
  const registers = [registry];
  const gauge = (name: string, help: string, of: (status: EngineStatus) => number | undefined): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = of(await look());
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  const counter = (name: string, help: string, of: (status: EngineStatus) => number | undefined): void => {
    new Counter({
      name,
      help,
      registers,
      async collect() {
        const value = of(await look());
        this.reset();
        if (value === undefined) this.remove();
        else this.inc(value);
      },
    });
  };
  gauge("llm_active_contexts", "Generations running now.", ({ capacity }) => capacity.active);
  gauge("llm_queued_requests", "Generations waiting for a place.", ({ capacity }) => capacity.queued);
  gauge(
    "llm_kv_cache_usage_ratio",
    "Share of the loaded contexts' room for keys and values that holds any, kept prefixes included, 0-1.",
    ({ activity }) => (activity === undefined ? undefined : activity.kvTokens / Math.max(1, activity.kvRoom)),
  );
  counter("llm_adapter_loads_total", "Adapters brought into memory.", ({ activity }) => activity?.loads);
  counter("llm_adapter_evictions_total", "Adapters taken out of memory again.", ({ activity }) => activity?.evictions);
  registerAdapterGauges(registry, label, look);
}

function registerAdapterGauges(registry: Registry, label: Label, look: () => Promise<EngineStatus>): void {
  const registers = [registry];
  new Gauge({
    name: "vllm:lora_adapter_loaded",
    help: "1 where the adapter's weights are in memory.",
    labelNames: ["adapter"],
    registers,
    async collect() {
      const { adapters } = await look();
      this.reset();
      for (const { id, resident } of adapters) {
        const adapter = label(id);
        if (adapter !== other) this.set({ adapter }, resident ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: "llm_adapter_load_seconds",
    help: "Duration of an adapter's last load.",
    labelNames: ["adapter"],
    registers,
    async collect() {
      const { adapters } = await look();
      this.reset();
      for (const { id, loadMs } of adapters) {
        const adapter = label(id);
        if (loadMs !== null && adapter !== other) this.set({ adapter }, loadMs / 1000);
      }
    },
  });
}
