import { readdir } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";

/** Which of the platform's programs a number is of. */
export type ProcessName = "serve" | "infer" | "work";

/** How often the event loop is looked at, ms. */
const resolutionMs = 20;

/** What this process uses, read when Prometheus asks. Fewer than prom-client's own: every series has to be paid for at every scrape. */
export function registerProcessMetrics(registry: Registry, name: ProcessName): void {
  registerMachineUse(registry, name);
  registerStandardFigures(registry);
  registerEventLoop(registry);
}

/** With a label, so that those of several processes can stand in one scrape. */
function registerMachineUse(registry: Registry, name: ProcessName): void {
  const registers = [registry];
  new Gauge({
    name: "turkish_ai_memory_usage_bytes",
    help: "Resident memory of the process, bytes.",
    labelNames: ["process"],
    registers,
    collect() {
      this.set({ process: name }, process.memoryUsage.rss());
    },
  });
  let last = { usage: process.cpuUsage(), atMs: performance.now() };
  new Gauge({
    name: "turkish_ai_cpu_usage_percent",
    help: "CPU time of the process since the last scrape, percent of one core.",
    labelNames: ["process"],
    registers,
    collect() {
      const now = { usage: process.cpuUsage(), atMs: performance.now() };
      const usedMs = (now.usage.user - last.usage.user + now.usage.system - last.usage.system) / 1000;
      const elapsedMs = now.atMs - last.atMs;
      if (elapsedMs > 0) this.set({ process: name }, (usedMs / elapsedMs) * 100);
      last = now;
    },
  });
}

/** By the names Prometheus' own clients give them. */
function registerStandardFigures(registry: Registry): void {
  const registers = [registry];
  const started = performance.timeOrigin / 1000;
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, seconds since 1970.",
    registers,
    collect() {
      this.set(started);
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time the process has used.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the process.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_open_fds",
    help: "Open files and sockets; no series where the system does not tell.",
    registers,
    async collect() {
      const open = await readdir("/proc/self/fd").catch(() => undefined);
      if (open === undefined) this.remove();
      else this.set(open.length);
    },
  });
  new Gauge({
    name: "nodejs_heap_size_used_bytes",
    help: "Memory of JavaScript objects.",
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
}

/** How late the event loop is, over the time since the last scrape. */
function registerEventLoop(registry: Registry): void {
  const registers = [registry];
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let seen = { mean: 0, p99: 0 };
  const look = (): void => {
    // What is measured is from one look to the next, the pause between them included.
    const late = (ns: number): number => (Number.isFinite(ns) ? Math.max(0, ns / 1e6 - resolutionMs) / 1000 : 0);
    seen = { mean: late(delay.mean), p99: late(delay.percentile(99)) };
    delay.reset();
  };
  new Gauge({
    name: "nodejs_eventloop_lag_seconds",
    help: "How late timers were since the last scrape, mean.",
    registers,
    collect() {
      look();
      this.set(seen.mean);
    },
  });
  new Gauge({
    name: "nodejs_eventloop_lag_p99_seconds",
    help: "How late timers were since the last scrape, 99th percentile.",
    registers,
    collect() {
      this.set(seen.p99);
    },
  });
}
