import cors from "@fastify/cors";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { buildApp, problemErrors } from "../http-kit/index.ts";
import { access } from "./access.ts";
import { llamaServerAdapterRoutes } from "./adapter-routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { classifyRoutes } from "./classify-routes.ts";
import { feedbackPage } from "./feedback-page.ts";
import { folderPage } from "./folder-page.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { healthRoutes } from "./health-routes.ts";
import { addressLimit, callerLimits } from "./limits.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { ragRoutes } from "./rag-routes.ts";
import { requestMetrics } from "./request-metrics.ts";
import { collectRouteScopes, type RouteScope } from "./scopes.ts";
import { sectorRoutes } from "./sector-routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { serverlessRoutes } from "./serverless-routes.ts";
import { startPage } from "./start-page.ts";
import { systemStatusRoutes } from "./system-status-routes.ts";
import { tokenizeRoutes } from "./tokenize-routes.ts";
import { v1Routes } from "./v1-routes.ts";

/** The gateway's HTTP face: `/v1` speaks OpenAI's errors, everything else problem details. */
export async function buildGatewayApp(parts: GatewayParts) {
  const { settings, engine, router, sectors, limits, adapters, takeTurn, requests } = parts;
  const { replyTimeoutMs } = settings.http;
  const app = buildApp({ logger: parts.logger, ...settings.http, tracing: parts.tracing });
  problemErrors(app);
  collectRouteScopes(app);

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "sektor",
        version: parts.version,
        description: "Türk işletmeleri için sektör adaptörlerine yönlendiren yapay zekâ platformu.",
      },
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", description: "sk-sektor-…; anahtarsız yerel sunucuda gerekmez." },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: { ...schema, security: securityOf(route.config?.scope) } }),
  });
  await app.register(requestMetrics, { metrics: parts.metrics });
  await app.register(securityHeaders);
  await app.register(cors, {
    origin: settings.http.corsOrigins.length === 0 ? false : settings.http.corsOrigins,
    methods: ["GET", "HEAD", "POST", "DELETE"],
    exposedHeaders: ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-request-id"],
  });
  const limited = {
    limiter: parts.limiter,
    limits: { ...settings.limits, requestsPerMinute: settings.http.requestsPerMinute },
  };
  // An address is counted before its key is looked at: guessing keys is limited too.
  await app.register(addressLimit, limited);
  await app.register(access, { apiKeys: parts.apiKeys });
  await app.register(callerLimits, limited);
  await app.register(swaggerUi, { routePrefix: "/docs" });
  app.get("/openapi.json", { config: { scope: "any" }, schema: { hide: true } }, async () => app.swagger());

  await app.register(startPage, parts.startPage);
  await app.register(feedbackPage, {
    folder: parts.feedbackPage,
    feedback: parts.feedback,
    sectors,
    newId: parts.newId,
    limiter: limited.limiter,
    limits: limited.limits,
  });
  await app.register(folderPage, { path: "/jobs", folder: parts.jobsPage });
  await app.register(folderPage, { path: "/voice", folder: parts.voicePage });
  await app.register(chatRoutes, { takeTurn, requests, replyTimeoutMs });
  await app.register(ragRoutes, { takeTurn, requests, replyTimeoutMs });
  await app.register(systemStatusRoutes, { engine, sectors, toolCount: 0 });
  await app.register(classifyRoutes, { router, sectors, limits, nowMs: parts.nowMs });
  await app.register(sectorRoutes, { sectors, router, adapters });
  await app.register(tokenizeRoutes, { engine });
  await app.register(llamaServerAdapterRoutes, { engine });
  await app.register(healthRoutes, { engine, version: parts.version, arePartsReady: parts.arePartsReady });
  await app.register(metricsRoutes, { metrics: parts.metrics, engineMetrics: parts.engineMetrics });

  await app.register(v1Routes, { parts, prefix: "/v1" });
  await app.register(serverlessRoutes, {
    serverless: parts.serverless,
    limits: settings.serverless,
    prefix: "/v2",
  });
  return app;
}

/** What the API description says about a route: open to all, or a key, with the scope it must have. */
function securityOf(scope: RouteScope = "admin"): Record<string, string[]>[] {
  return scope === "open" ? [] : [{ apiKey: scope === "any" ? [] : [scope] }];
}
