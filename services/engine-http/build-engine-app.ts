import type { FastifyBaseLogger } from "fastify";
import { buildApp, openAiErrors } from "../http-kit/index.ts";
import type { Engine } from "../inference/index.ts";
import type { ExpositionFormat, Tracing } from "../observability/index.ts";
import { adapterRoutes } from "./adapter-routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { completionRoutes } from "./completion-routes.ts";
import { engineToken } from "./engine-token.ts";
import { statusRoutes } from "./status-routes.ts";
import { vectorRoutes } from "./vector-routes.ts";

export interface EngineAppOptions {
  readonly engine: Engine;
  readonly logger: FastifyBaseLogger;
  readonly bodyLimitBytes: number;
  readonly replyTimeoutMs: number;
  /** Text of GET /metrics. */
  readonly metrics: (format: ExpositionFormat) => Promise<string>;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** What callers must show; absent or empty: nothing. */
  readonly token?: string | undefined;
}

/** What infer speaks: OpenAI's endpoints and vLLM's adapter loading. It stands behind the gateway and asks for a token where it has one. */
export async function buildEngineApp(options: EngineAppOptions) {
  const app = buildApp({
    logger: options.logger,
    trustProxy: false,
    bodyLimitBytes: options.bodyLimitBytes,
    requestTimeoutMs: 30_000,
    tracing: options.tracing,
  });
  openAiErrors(app);
  await app.register(engineToken, { token: options.token ?? "" });
  const { engine, replyTimeoutMs } = options;
  await app.register(chatRoutes, { engine, replyTimeoutMs });
  await app.register(completionRoutes, { engine, replyTimeoutMs });
  await app.register(vectorRoutes, { engine, replyTimeoutMs });
  await app.register(adapterRoutes, { engine });
  await app.register(statusRoutes, { engine, metrics: options.metrics });
  return app;
}
