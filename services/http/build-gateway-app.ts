import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { buildApp, problemErrors } from "../http-kit/index.ts";
import { access } from "./access.ts";
import { llamaServerAdapterRoutes } from "./adapter-routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { classifyRoutes } from "./classify-routes.ts";
import { feedbackPage } from "./feedback-page.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { healthRoutes } from "./health-routes.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { ragRoutes } from "./rag-routes.ts";
import { requestMetrics } from "./request-metrics.ts";
import { sectorRoutes } from "./sector-routes.ts";
import { startPage } from "./start-page.ts";
import { systemStatusRoutes } from "./system-status-routes.ts";
import { tokenizeRoutes } from "./tokenize-routes.ts";
import { v1Routes } from "./v1-routes.ts";

/** The gateway's HTTP face: `/v1` speaks OpenAI's errors, everything else problem details. */
export async function buildGatewayApp(parts: GatewayParts) {
  const { settings, engine, router, sectors, limits, adapters, takeTurn, requests } = parts;
  const { replyTimeoutMs } = settings.http;
  const app = buildApp({ logger: parts.logger, ...settings.http });
  problemErrors(app);

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "sektor",
        version: parts.version,
        description: "Türk işletmeleri için sektör adaptörlerine yönlendiren yapay zekâ platformu.",
      },
    },
  });
  await app.register(requestMetrics, { metrics: parts.metrics });
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'self'"], imgSrc: ["'self'", "data:"], upgradeInsecureRequests: null },
    },
  });
  await app.register(cors, { origin: settings.http.corsOrigins.length === 0 ? false : settings.http.corsOrigins });
  if (settings.http.requestsPerMinute > 0) {
    await app.register(rateLimit, {
      max: settings.http.requestsPerMinute,
      timeWindow: 60_000,
      enableDraftSpec: true,
      allowList: isProbe,
    });
  }
  await app.register(access, { keySha256: settings.access.keySha256 });
  await app.register(swaggerUi, { routePrefix: "/docs" });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());

  await app.register(startPage, parts.startPage);
  await app.register(feedbackPage, {
    folder: parts.feedbackPage,
    feedback: parts.feedback,
    sectors,
    newId: parts.newId,
  });
  await app.register(chatRoutes, { takeTurn, requests, replyTimeoutMs });
  await app.register(ragRoutes, { takeTurn, requests, replyTimeoutMs });
  await app.register(systemStatusRoutes, { engine, sectors, toolCount: 0 });
  await app.register(classifyRoutes, { router, sectors, limits, nowMs: parts.nowMs });
  await app.register(sectorRoutes, { sectors, adapters });
  await app.register(tokenizeRoutes, { engine });
  await app.register(llamaServerAdapterRoutes, { engine });
  await app.register(healthRoutes, { engine, version: parts.version, arePartsReady: parts.arePartsReady });
  await app.register(metricsRoutes, { metrics: parts.metrics, engineMetrics: parts.engineMetrics });

  await app.register(v1Routes, { parts, prefix: "/v1" });
  return app;
}

/** Probes and scrapes must not use up anybody's allowance. */
function isProbe(request: { readonly url: string }): boolean {
  return request.url.startsWith("/health") || request.url === "/metrics";
}
