import { Counter, Gauge, type Registry } from "prom-client";
import { within } from "../foundation/index.ts";
import type { AdapterStatus, EngineStatus } from "../inference/index.ts";
import type { Labels } from "./labels.ts";
import { oncePerScrape } from "./once-per-scrape.ts";

/** A scrape does not wait longer for an engine that is away. */
const statusLimitMs = 1_000;

export interface EngineStateParts {
  readonly status: () => Promise<EngineStatus>;
  /** Whether it is the adapter that serves its sector. */
  readonly isStable: (adapter: AdapterStatus, all: readonly AdapterStatus[]) => boolean;
  /** How often the engine process was started again; undefined: it is not ours to start. */
  readonly restarts: (() => number) | undefined;
}

/** The engine as the gateway sees it; it is asked when Prometheus asks. */
export function registerEngineState(
  registry: Registry,
  labels: Labels,
  { status, isStable, restarts }: EngineStateParts,
): void {
  const registers = [registry];
  if (restarts !== undefined)
    new Counter({
      name: "sektor_infer_restarts_total",
      help: "How often the engine process ended and was started again.",
      registers,
      collect() {
        this.reset();
        this.inc(restarts());
      },
    });
  const look = oncePerScrape(() =>
    within(statusLimitMs, status(), () => new Error("late")).catch((): EngineStatus | undefined => undefined),
  );
  new Gauge({
    name: "sektor_infer_up",
    help: "1 while the engine answers and is ready.",
    registers,
    async collect() {
      this.set((await look())?.ready === true ? 1 : 0);
    },
  });
  new Gauge({
    name: "sektor_adapter_info",
    help: "1 for every adapter the engine can serve; stable is the one its sector is served with.",
    labelNames: ["sector", "adapter", "stage"],
    registers,
    async collect() {
      const adapters = (await look())?.adapters ?? [];
      this.reset();
      for (const adapter of adapters)
        this.set(
          {
            sector: labels.sector(adapter.sector ?? "none"),
            adapter: labels.adapter(adapter.id),
            stage: isStable(adapter, adapters) ? "stable" : "other",
          },
          1,
        );
    },
  });
}
