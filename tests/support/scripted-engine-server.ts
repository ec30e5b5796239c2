import type { AddressInfo } from "node:net";
import { buildEngineApp } from "../../services/engine-http/index.ts";
import { createLogger } from "../../services/observability/index.ts";
import { type Script, ScriptedEngine } from "./scripted-engine.ts";

/** infer's HTTP dialect with a scripted engine behind it, on loopback: an engine that outlives the gateways that ask it. */
export async function startScriptedEngine(script: Script) {
  const engine = new ScriptedEngine(script);
  const app = await buildEngineApp({
    engine,
    logger: createLogger("test", "silent"),
    bodyLimitBytes: 4_194_304,
    replyTimeoutMs: 600_000,
    metrics: async () => "",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { engine, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => app.close() };
}
