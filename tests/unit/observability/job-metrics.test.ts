import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { registerJobMetrics } from "../../../services/observability/index.ts";

it("counts attempts by outcome, and asks the queue for the rest when Prometheus asks", async () => {
  const registry = new Registry();
  let waiting = 2;
  const metrics = registerJobMetrics(registry, async () => [{ name: "batch", counts: { waiting, running: 0 } }]);
  metrics.attemptEnded("batch", "retried", 0.2);
  metrics.attemptEnded("batch", "completed", 3);
  const text = await registry.metrics();
  expect(text).toContain('sektor_job_attempts_total{name="batch",outcome="retried"} 1');
  expect(text).toContain('sektor_job_seconds_bucket{le="0.5",name="batch"} 1');
  expect(text).toContain('sektor_job_seconds_count{name="batch"} 2');
  expect(text).toContain('sektor_jobs{name="batch",state="waiting"} 2');
  waiting = 0;
  expect(await registry.metrics()).toContain('sektor_jobs{name="batch",state="waiting"} 0');
});

it("shows no old numbers while the queue is away, and the others as ever", async () => {
  const registry = new Registry();
  let isAway = false;
  const metrics = registerJobMetrics(registry, async () => {
    if (isAway) throw new Error("away");
    return [{ name: "batch", counts: { waiting: 1 } }];
  });
  metrics.attemptEnded("batch", "completed", 1);
  expect(await registry.metrics()).toContain("sektor_jobs{");
  isAway = true;
  const text = await registry.metrics();
  expect(text).not.toContain("sektor_jobs{");
  expect(text).toContain("sektor_job_attempts_total{");
});
