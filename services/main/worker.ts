/** worker: takes jobs from a RunPod-style endpoint and runs them as chat turns, without listening anywhere. */
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { createLogger } from "../observability/index.ts";
import { createHttpEndpoint, defaultPace, RunpodWorker, WorkerNotConfiguredError } from "../runpod/index.ts";
import { environmentVariables, loadSettings, type Settings } from "../settings/index.ts";
import { composeRunJob } from "./handlers/compose-run-job.ts";
import { runProcess } from "./run-process.ts";

/** After the jobs: what the engine takes to close, and posts that are on their way. */
const closeMs = 15_000;

await runProcess("worker", async (_shutdown, life) => {
  const settings = loadSettings(resolve("configs"), process.env);
  const { runpod, concurrency, jobTimeoutMs, idleExitS, drainMs, stream, refreshAfterJobs } = settings.worker;
  requireEndpoint(runpod);
  const logger = createLogger("sektor-worker", settings.log.level);
  const options = { settings, logger, environment: process.env, endpoint: "worker", keepRows: true };
  const { runJob, disposal } = await composeRunJob(options);
  const workerId = runpod.workerId === "" ? randomUUID() : runpod.workerId;
  const endpoint = disposal.own(createHttpEndpoint({ ...runpod, workerId, pace: defaultPace }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  life.allowClosing(drainMs + defaultPace.farewellMs + closeMs);
  const worker = disposal.own(
    new RunpodWorker({
      endpoint,
      runJob,
      workerId,
      stream,
      limits: {
        concurrency,
        jobTimeoutMs,
        idleExitMs: idleExitS * 1000,
        drainMs,
        refreshAfterJobs,
        pingIntervalMs: runpod.pingIntervalMs,
      },
      pace: defaultPace,
      log: logger,
      nowMs: () => performance.now(),
    }),
    (opened) => opened[Symbol.asyncDispose](),
  );
  void worker.ended.then((why) => {
    logger.info({ why }, "worker-ended");
    life.end();
  });
  return disposal;
});

/** @throws {WorkerNotConfiguredError} naming the variables */
function requireEndpoint({ takeUrl, outputUrl, apiKey }: Settings["worker"]["runpod"]): void {
  const needed = { takeUrl, outputUrl, apiKey };
  const missing = Object.entries(environmentVariables)
    .filter(([, path]) =>
      Object.entries(needed).some(([name, value]) => value === "" && path === `worker.runpod.${name}`),
    )
    .map(([variable]) => variable);
  if (missing.length > 0) throw new WorkerNotConfiguredError(missing);
}
