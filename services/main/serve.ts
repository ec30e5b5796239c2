/** serve: the gateway. Embedded it starts everything it needs, engine process included. */
import { resolve } from "node:path";
import { createLogger } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { composeGateway } from "./compose.ts";
import { listenOn } from "./listen.ts";
import { runProcess } from "./run-process.ts";

/** A log line may come this much later. */
const logGatherMs = 100;
/** After the jobs: for what they gave back, for replies that are on their way, and for the engine. */
const closeMs = 20_000;

await runProcess("serve", async (shutdown, life) => {
  const startedAt = performance.now();
  const settings = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor", settings.log.level, logGatherMs);
  life.allowClosing(settings.jobs.drainMs + closeMs);
  const { app, voice, grpc, disposal } = await composeGateway({ settings, logger, environment: process.env, shutdown });
  try {
    const { host } = settings.http;
    const { port } = settings.voice;
    // First, so that nobody is served by a gateway that then ends for want of another port.
    const voiceUrl = voice && port > 0 ? await listenOn(voice, { host, port }, "SEKTOR_VOICE_PORT") : undefined;
    const grpcUrl = grpc && (await listenOn(grpc, settings.grpc, "SEKTOR_GRPC_PORT"));
    const url = await listenOn(app, settings.http, "SEKTOR_PORT");
    logger.info({ url, voiceUrl, grpcUrl, ms: Math.round(performance.now() - startedAt) }, "serve-ready");
  } catch (failure) {
    await disposal.close();
    throw failure;
  }
  return disposal;
});
