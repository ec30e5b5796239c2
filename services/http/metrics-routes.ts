import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  contentTypes,
  type ExpositionFormat,
  exposition,
  expositionFormat,
  type GatewayMetrics,
  mergeExpositions,
} from "../observability/index.ts";

export interface MetricsParts {
  readonly metrics: GatewayMetrics;
  readonly engineMetrics: (format: ExpositionFormat) => Promise<string>;
}

/**
 * `GET /metrics`: the gateway's numbers, and those of the engine process it supervises. Who asks for OpenMetrics also gets the traces under
 * which values were seen.
 */
export const metricsRoutes: FastifyPluginAsyncTypebox<MetricsParts> = async (app, { metrics, engineMetrics }) => {
  app.get("/metrics", { config: { scope: "admin" }, schema: { hide: true } }, async (request, reply) => {
    const format = expositionFormat(request.headers.accept);
    const [own, engine] = await Promise.all([
      exposition(metrics.registry, format),
      engineMetrics(format).catch(() => ""),
    ]);
    return reply.type(contentTypes[format]).send(engine === "" ? own : mergeExpositions(own, engine));
  });
};
