import { resolve } from "node:path";
import type { AdapterStatus, Engine } from "../../inference/index.ts";
import { compareVersionsDescending } from "../../inference/index.ts";
import {
  type GatewayMetrics,
  registerDiskMetrics,
  registerEngineState,
  registerGpuMetrics,
} from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";

export interface WatchedParts {
  readonly engine: Engine;
  /** Sector → adapter id that the configuration fixes. */
  readonly stable: Readonly<Record<string, string>>;
  readonly restarts: (() => number) | undefined;
}

/** The gateway's numbers that are looked up when Prometheus asks: the engine, the disk, the GPUs. */
export function registerWatched(
  { registry, labels }: GatewayMetrics,
  settings: Pick<Settings, "inference" | "storage">,
  { engine, stable, restarts }: WatchedParts,
): void {
  registerEngineState(registry, labels, { status: () => engine.status(), isStable: stableAmong(stable), restarts });
  registerDiskMetrics(registry, resolve(settings.storage.folder));
  // infer tells of its own machine's; an engine of another make does not.
  const { engine: kind } = settings.inference;
  if (kind !== "embedded" && kind !== "sektor") registerGpuMetrics(registry);
}

/** As the adapter directory chooses: the one that is fixed, if it is there, or the newest. */
export function stableAmong(stable: Readonly<Record<string, string>>) {
  return (adapter: AdapterStatus, all: readonly AdapterStatus[]): boolean => {
    const { sector } = adapter;
    if (sector === null) return false;
    const fixed = stable[sector];
    if (fixed !== undefined && all.some(({ id }) => id === fixed)) return adapter.id === fixed;
    return all.every((one) => one.sector !== sector || compareVersionsDescending(one.version, adapter.version) >= 0);
  };
}
