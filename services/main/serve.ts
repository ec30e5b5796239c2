/** serve: the gateway. Embedded it starts everything it needs, engine process included. */
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Disposal } from "../foundation/index.ts";
import { createLogger } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { listenOn } from "./listen.ts";
import { openDatabase } from "./open/open-database.ts";
import { runProcess } from "./run-process.ts";
import { startInfer } from "./supervision/start-infer.ts";

/** A log line may come this much later. */
const logGatherMs = 100;
/** After the jobs: for what they gave back, for replies that are on their way, and for the engine. */
const closeMs = 20_000;

await runProcess("serve", async (_shutdown, life) => {
  const startedAt = performance.now();
  const settings = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor", settings.log.level, logGatherMs);
  life.allowClosing(settings.jobs.drainMs + closeMs);
  const disposal = new Disposal();
  try {
    // These take the longest: a model and a database come up while the gateway is read and put together.
    const infer = await startInfer(settings, process.env, logger, disposal);
    const opening = openDatabase(settings, logger, disposal);
    // Its lock on the data folder comes first: where another process has it, nothing else is read.
    await Promise.race([opening, setImmediate()]);
    opening.catch(() => undefined);
    const { composeGateway } = await import("./compose.ts");
    const { app, voice, grpc } = await composeGateway({ settings, logger, infer, opening, disposal });
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
