import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Engine, EngineStatus } from "../inference/index.ts";

export interface HealthParts {
  readonly engine: Engine;
  readonly version: string;
  readonly arePartsReady: () => Promise<boolean>;
}

/**
 * Four different questions. live: is this process working; startup: has it come up once; ready: can it answer now;
 * `/health`: all of it, for people and dashboards.
 */
export const healthRoutes: FastifyPluginAsyncTypebox<HealthParts> = async (app, { engine, version, arePartsReady }) => {
  const service = "sektor";
  let started = false;

  app.get("/health/live", { config: { scope: "open" }, schema: { tags: ["health"] } }, async () => ({
    status: "ok",
    service,
    version,
  }));

  app.get("/health/ready", { config: { scope: "open" }, schema: { tags: ["health"] } }, async (_request, reply) => {
    const status = await statusOf(engine);
    const ready = status?.ready === true && (await arePartsReady());
    if (ready) started = true;
    return reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? "ok" : "unavailable", model_ready: status?.ready === true });
  });

  app.get("/health/startup", { config: { scope: "open" }, schema: { tags: ["health"] } }, async (_request, reply) => {
    started ||= (await statusOf(engine))?.ready === true;
    return reply.code(started ? 200 : 503).send({ status: started ? "ok" : "starting" });
  });

  app.get(
    "/health",
    { config: { scope: "open" }, schema: { tags: ["health"], summary: "Genel durum" } },
    async (_request, reply) => {
      const status = await statusOf(engine);
      const parts = await arePartsReady();
      const healthy = status?.ready === true && parts;
      const { active = 0, total = 0, queued = 0 } = status?.capacity ?? {};
      const available = Math.max(0, total - active);
      return reply.code(healthy ? 200 : 503).send({
        status: healthy ? "healthy" : "unhealthy",
        model_ready: status?.ready === true,
        storage_ready: parts,
        capacity: { active, total, available, queued, has_capacity: available > 0 },
        service,
        version,
        timestamp: new Date().toISOString(),
        uptime_s: Math.round(process.uptime()),
        model: status?.base.id ?? null,
        adapters: status?.adapters.length ?? 0,
      });
    },
  );
};

async function statusOf(engine: Engine): Promise<EngineStatus | undefined> {
  try {
    return await engine.status();
  } catch {
    return undefined;
  }
}
