import type { EngineStatus } from "../inference/index.ts";
import type { Jobs } from "../jobs/index.ts";
import type { RunHealth } from "./serverless.ts";

/** Running jobs whose tries are looked at; more than that run only in large installations. */
const lookedAt = 100;

/** @param engineStatus as far as it is known; a rejection counts as an engine that is starting */
export async function readRunHealth(
  jobs: Pick<Jobs, "counts" | "workers" | "list">,
  engineStatus: () => Promise<EngineStatus>,
): Promise<RunHealth> {
  const [counts, { slots }, { jobs: inProgress }, engine] = await Promise.all([
    jobs.counts("serverless-run"),
    jobs.workers("serverless-run"),
    jobs.list({ name: "serverless-run", group: "running", limit: lookedAt }),
    engineStatus().catch(() => undefined),
  ]);
  const running = Math.min(slots, counts.running);
  const free = slots - running;
  const isStarting = engine === undefined || !engine.ready;
  const isFull = !isStarting && engine.capacity.active >= engine.capacity.total;
  return {
    jobs: {
      completed: counts.completed,
      failed: counts.failed,
      inProgress: counts.running,
      inQueue: counts.waiting + counts.delayed,
      // Nobody else delays these jobs: one that is delayed waits for its next try.
      retried: counts.delayed + inProgress.filter(({ attempts }) => attempts > 1).length,
    },
    workers: {
      idle: isStarting || isFull ? 0 : free,
      initializing: isStarting ? free : 0,
      ready: isStarting || isFull ? running : slots,
      running,
      throttled: isFull ? free : 0,
    },
  };
}
