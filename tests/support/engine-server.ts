import { buildEngineApp } from "../../services/engine-http/index.ts";
import { createLogger, type Tracing, tracedEngine } from "../../services/observability/index.ts";
import { type Script, ScriptedEngine } from "./scripted-engine.ts";

export interface EngineServer extends AsyncDisposable {
  readonly engine: ScriptedEngine;
  /** Settings of a process that uses it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A scripted engine behind HTTP on loopback, as `infer` would stand beside gateways and workers. */
export async function startEngineServer(script: Script, tracing?: Tracing): Promise<EngineServer> {
  const engine = new ScriptedEngine(script);
  const app = await buildEngineApp({
    engine: tracing === undefined ? engine : tracedEngine(engine),
    tracing,
    logger: createLogger("test", "silent"),
    bodyLimitBytes: 1_048_576,
    replyTimeoutMs: 300_000,
    metrics: async () => "",
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    engine,
    environment: { SEKTOR_ENGINE: "sektor", SEKTOR_ENGINE_URL: url },
    async [Symbol.asyncDispose]() {
      await app.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}
