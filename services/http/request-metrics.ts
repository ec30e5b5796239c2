import fastifyPlugin from "fastify-plugin";
import type { GatewayMetrics } from "../observability/index.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The sector that answered, or "none"; a label of the metrics, so only configured ids may stand here. */
    sector: string;
    /** Code of the error the request ended with. */
    errorCode: string | undefined;
  }
}

/** Counts every request when its reply is complete. */
export const requestMetrics = fastifyPlugin<{ metrics: GatewayMetrics }>(async (app, { metrics }) => {
  app.decorateRequest("sector", "none");
  app.decorateRequest("errorCode", undefined);
  app.addHook("onRequest", async () => metrics.requestStarted());
  app.addHook("onError", async (request, _reply, error) => {
    request.errorCode = (error as { code?: string }).code ?? "internal";
  });
  app.addHook("onResponse", async (request, reply) => {
    const failed = reply.statusCode >= 400;
    metrics.requestEnded({
      sector: request.sector,
      endpoint: request.routeOptions.url ?? "unknown",
      method: request.method,
      seconds: reply.elapsedTime / 1000,
      ...(failed ? { errorType: request.errorCode ?? String(reply.statusCode) } : {}),
    });
  });
});
