import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { GatewayMetrics } from "../observability/index.ts";

export interface MetricsParts {
  readonly metrics: GatewayMetrics;
  readonly engineMetrics: () => Promise<string>;
}

/** `GET /metrics`: the gateway's numbers, and those of the engine process it supervises. */
export const metricsRoutes: FastifyPluginAsyncTypebox<MetricsParts> = async (app, { metrics, engineMetrics }) => {
  app.get("/metrics", { config: { scope: "admin" }, schema: { hide: true } }, async (_request, reply) => {
    const [own, engine] = await Promise.all([metrics.registry.metrics(), engineMetrics().catch(() => "")]);
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(own + onlyEngineFamilies(engine));
  });
};

/** Both processes have families of the same name (process_…, nodejs_…); in one exposition only the gateway's may stand. */
function onlyEngineFamilies(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^(# (HELP|TYPE) )?(llm_|vllm:)/.test(line))
    .map((line) => `${line}\n`)
    .join("");
}
