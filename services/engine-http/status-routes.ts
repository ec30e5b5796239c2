import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Engine } from "../inference/index.ts";
import { contentTypes, type ExpositionFormat, expositionFormat } from "../observability/index.ts";

export interface StatusParts {
  readonly engine: Engine;
  /** Text of GET /metrics. */
  readonly metrics: (format: ExpositionFormat) => Promise<string>;
}

/** What infer says of itself. `/internal/status` is `EngineStatus` to the letter. */
export const statusRoutes: FastifyPluginAsyncTypebox<StatusParts> = async (app, { engine, metrics }) => {
  app.get("/internal/status", async () => await engine.status());

  app.get("/health", async (_request, reply) => {
    const { ready } = await engine.status();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ok" : "starting" });
  });

  // Whether the process still answers at all: one that is loading, or full, must not be killed for it.
  // Asked again and again by its gateway: no line in the log each time.
  app.get("/health/live", { logLevel: "warn" }, async () => ({ status: "alive" }));

  app.get("/v1/models", async () => {
    const { base, adapters } = await engine.status();
    return {
      object: "list",
      data: [
        { id: base.id, object: "model", owned_by: "sektor", parent: null },
        ...adapters.map((adapter) => ({
          id: adapter.id,
          object: "model",
          owned_by: "sektor",
          parent: base.id,
          root: adapter.file,
        })),
      ],
    };
  });

  app.get("/metrics", async (request, reply) => {
    const format = expositionFormat(request.headers.accept);
    return reply.type(contentTypes[format]).send(await metrics(format));
  });
};
