import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";

/** What this process uses, read when Prometheus asks. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "turkish_ai_memory_usage_bytes",
    help: "Resident memory of the process, bytes.",
    registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  let last = { usage: process.cpuUsage(), atMs: performance.now() };
  new Gauge({
    name: "turkish_ai_cpu_usage_percent",
    help: "CPU time of the process since the last scrape, percent of one core.",
    registers: [registry],
    collect() {
      const now = { usage: process.cpuUsage(), atMs: performance.now() };
      const usedMs = (now.usage.user - last.usage.user + now.usage.system - last.usage.system) / 1000;
      const elapsedMs = now.atMs - last.atMs;
      if (elapsedMs > 0) this.set((usedMs / elapsedMs) * 100);
      last = now;
    },
  });
}
