/** work: takes jobs from the queue and does them, beside any number of gateways and others of its kind. */
import { resolve } from "node:path";
import { createLogger } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { composeWork } from "./compose-work.ts";
import { listenOn } from "./listen.ts";
import { runProcess } from "./run-process.ts";

/** After the jobs: for what they gave back, and for what the engine takes to close. */
const closeMs = 20_000;

await runProcess("work", async (_shutdown, life) => {
  const startedAt = performance.now();
  const settings = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor-work", settings.log.level);
  life.allowClosing(settings.jobs.drainMs + closeMs);
  const { app, disposal } = await composeWork({ settings, logger, environment: process.env });
  try {
    const at = settings.jobs.listen.lastIndexOf(":");
    const place = { host: settings.jobs.listen.slice(0, at), port: Number(settings.jobs.listen.slice(at + 1)) };
    const url = await listenOn(app, place, "SEKTOR_WORK_LISTEN");
    logger.info({ url, ms: Math.round(performance.now() - startedAt) }, "work-ready");
  } catch (failure) {
    await disposal.close();
    throw failure;
  }
  return disposal;
});
