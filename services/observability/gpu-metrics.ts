import { Gauge, type Registry } from "prom-client";
import { type GpuReading, readGpus } from "./read-gpus.ts";

/** The driver is not asked more often. */
const freshMs = 5_000;
/** What is older than this is not shown. */
const staleMs = 60_000;
/** A machine that has no GPUs is asked again after so long. */
const absentMs = 600_000;
/** A scrape waits no longer for the first answer. */
const firstMs = 100;

export interface GpuMetricsOptions {
  /** @returns undefined: nothing can be read here */
  readonly read?: () => Promise<readonly GpuReading[] | undefined>;
  readonly nowMs?: () => number;
}

/** The machine's GPUs. They are read behind the scrape, which shows what was read last; where none can be read there are no series. */
export function registerGpuMetrics(registry: Registry, options: GpuMetricsOptions = {}): void {
  const { read = () => readGpus(), nowMs = () => performance.now() } = options;
  let seen: { readonly gpus: readonly GpuReading[]; readonly atMs: number } | undefined;
  let reading: Promise<void> | undefined;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  const refresh = (): Promise<void> => {
    reading ??= read()
      .catch(() => undefined)
      .then((gpus) => {
        if (gpus !== undefined) seen = { gpus, atMs: nowMs() };
        notBeforeMs = nowMs() + (gpus === undefined && seen === undefined ? absentMs : freshMs);
        reading = undefined;
      });
    return reading;
  };
  const look = async (): Promise<readonly GpuReading[]> => {
    if (nowMs() >= notBeforeMs) {
      const answer = refresh();
      if (seen === undefined) await Promise.race([answer, new Promise((late) => setTimeout(late, firstMs).unref())]);
    }
    return seen === undefined || nowMs() - seen.atMs > staleMs ? [] : seen.gpus;
  };
  const show = (name: string, help: string, of: (gpu: GpuReading) => number | undefined): void => {
    new Gauge({
      name,
      help,
      labelNames: ["gpu"],
      registers: [registry],
      async collect() {
        const gpus = await look();
        this.reset();
        for (const gpu of gpus) {
          const value = of(gpu);
          if (value !== undefined) this.set({ gpu: gpu.gpu }, value);
        }
      },
    });
  };
  show("turkish_ai_gpu_utilization", "Time in which the GPU was busy, percent.", ({ utilization }) => utilization);
  show("turkish_ai_gpu_memory_used_bytes", "Memory of the GPU that is in use.", ({ usedBytes }) => usedBytes);
  show("turkish_ai_gpu_memory_total_bytes", "Memory of the GPU.", ({ totalBytes }) => totalBytes);
}
