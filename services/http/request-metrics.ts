import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { asPlatformError, streamFailure } from "../http-kit/index.ts";
import { type GatewayMetrics, traceIdOf } from "../observability/index.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The sector that answered, or "none"; a label of the metrics, so only configured ids may stand here. */
    sector: string;
    /** Code of the error the request ended with. */
    errorCode: string | undefined;
  }
}

/** Counts every request once: when its reply is complete, or its client has left before. */
export const requestMetrics = fastifyPlugin<{ metrics: GatewayMetrics }>(async (app, { metrics }) => {
  const counted = new WeakSet<FastifyRequest>();
  const count = (request: FastifyRequest, reply: FastifyReply): void => {
    if (counted.has(request)) return;
    counted.add(request);
    const refused = reply.statusCode >= 400 ? (request.errorCode ?? String(reply.statusCode)) : undefined;
    const errorType = refused ?? streamFailure(request);
    metrics.requestEnded({
      sector: request.sector,
      endpoint: request.routeOptions.url ?? "unknown",
      method: request.method,
      seconds: reply.elapsedTime / 1000,
      traceId: traceIdOf(request),
      ...(errorType === undefined ? {} : { errorType }),
    });
  };
  app.decorateRequest("sector", "none");
  app.decorateRequest("errorCode", undefined);
  app.addHook("onRequest", async (request, reply) => {
    metrics.requestStarted();
    // A reply that nobody is left to take is never finished.
    reply.raw.once("close", () => count(request, reply));
  });
  app.addHook("onError", async (request, _reply, error) => {
    request.errorCode = asPlatformError(error).code;
  });
  app.addHook("onResponse", async (request, reply) => count(request, reply));
});
