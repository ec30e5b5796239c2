import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { within } from "../foundation/index.ts";

/** Seconds; jobs take from milliseconds to a day. */
const buckets = [0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86_400];
/** A scrape does not wait longer for a queue that is away. */
const countLimitMs = 2_000;

export interface JobMetrics {
  /** @param outcome `retried`, `returned`, or the state the job ended in */
  attemptEnded(name: string, outcome: string, seconds: number): void;
}

/** How many jobs stand where, by name and group; asked when Prometheus asks. */
export type CountJobs = () => Promise<readonly { readonly name: string; readonly counts: Record<string, number> }[]>;

/** Numbers of the jobs. @param countJobs where the queue is asked by this process as well */
export function registerJobMetrics(registry: Registry, countJobs: CountJobs): JobMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: "sektor_job_attempts_total",
    help: "Attempts at jobs that ended in this process, by name and outcome.",
    labelNames: ["name", "outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "sektor_job_seconds",
    help: "Duration of one attempt at a job.",
    labelNames: ["name"],
    buckets,
    registers,
  });
  new Gauge({
    name: "sektor_jobs",
    help: "Jobs in the queue by name and state (waiting, delayed, running, completed, failed).",
    labelNames: ["name", "state"],
    registers,
    async collect() {
      this.reset();
      // A queue that is away has no numbers: none are shown, rather than old ones.
      const counted = await within(countLimitMs, countJobs(), () => new Error("late")).catch(() => []);
      for (const { name, counts } of counted)
        for (const [state, count] of Object.entries(counts)) this.set({ name, state }, count);
    },
  });
  return {
    attemptEnded: (name, outcome, took) => {
      attempts.inc({ name, outcome });
      seconds.observe({ name }, took);
    },
  };
}
