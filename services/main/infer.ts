/** infer: the engine, alone in its process, so that nothing that happens to it takes the gateway down. */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { buildEngineApp } from "../engine-http/index.ts";
import { Disposal } from "../foundation/index.ts";
import { createEngineMetrics, createLogger, exposition, tracedEngine } from "../observability/index.ts";
import { loadSettings } from "../settings/index.ts";
import { openEngine } from "./open/open-engine.ts";
import { openProcessTracing } from "./open/open-process-tracing.ts";
import { runProcess } from "./run-process.ts";
import { giveWordOfLife } from "./supervision/word-of-life.ts";

await runProcess("infer", async (shutdown) => {
  const settings = loadSettings(resolve("configs"), process.env);
  const logger = createLogger("sektor-infer", settings.log.level);
  const disposal = new Disposal();
  const nowMs = () => performance.now();
  const metrics = createEngineMetrics(nowMs, settings.observability.maxAdapters);
  const { goesOn, stop } = giveWordOfLife(() => process.send?.("alive"));
  const opening = openProcessTracing("sektor-infer", settings, logger, disposal);

  const engine = disposal.own(
    await openEngine(settings, {
      log: logger,
      nowMs,
      signal: shutdown,
      onAlive: goesOn,
      observer: metrics.observer,
    }),
    (opened) => opened[Symbol.asyncDispose](),
  );
  logger.info({ formula: engine.memory.formula }, "memory-plan");
  await engine.pin(settings.inference.pinned);
  await engine.warm(settings.inference.warm);

  const { listen, token } = settings.inference;
  // A socket is its gateway's own, in a folder nobody else may enter: the gateway shows no token there.
  const isSocket = listen.startsWith("unix:");
  if (!isSocket && token === "" && !/^(127\.|localhost:|\[?::1\]?:)/.test(listen))
    logger.warn({ listen }, "infer-asks-no-token");
  const tracing = await opening;
  const measured = metrics.measured(engine);
  const app = disposal.own(
    await buildEngineApp({
      engine: tracing === undefined ? measured : tracedEngine(measured),
      logger,
      tracing,
      token: isSocket ? "" : token,
      bodyLimitBytes: settings.http.bodyLimitBytes * 4,
      replyTimeoutMs: settings.http.replyTimeoutMs,
      metrics: (format) => exposition(metrics.registry, format),
    }),
    (opened) => opened.close(),
  );
  if (isSocket) {
    const path = listen.slice("unix:".length);
    await rm(path, { force: true });
    await app.listen({ path });
  } else {
    const at = listen.lastIndexOf(":");
    await app.listen({ host: listen.slice(0, at), port: Number(listen.slice(at + 1)) });
  }
  const { base, adapters } = await engine.status();
  logger.info({ base: base.id, adapters: adapters.length, contextSize: base.contextSize, listen }, "infer-ready");
  stop();
  process.send?.("ready");
  return disposal;
});
