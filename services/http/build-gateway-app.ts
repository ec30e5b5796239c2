import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyBaseLogger } from "fastify";
import type { AdapterDirectory, MessageLimits, ResolveModel, TakeTurn } from "../conversation/index.ts";
import { buildApp, openAiErrors, problemErrors } from "../http-kit/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { GatewayMetrics } from "../observability/index.ts";
import type { Router } from "../routing/index.ts";
import type { SessionStore } from "../sessions/index.ts";
import type { Sectors, Settings } from "../settings/index.ts";
import { access } from "./access.ts";
import { adapterRoutes, llamaServerAdapterRoutes } from "./adapter-routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { classifyRoutes } from "./classify-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { modelRoutes } from "./model-routes.ts";
import { openAiChatRoutes } from "./openai-chat-routes.ts";
import { createOpenAiSessions } from "./openai-sessions.ts";
import { openAiTextRoutes } from "./openai-text-routes.ts";
import { requestMetrics } from "./request-sector.ts";
import { sectorRoutes } from "./sector-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { startPage } from "./start-page.ts";
import { systemStatusRoutes } from "./system-status-routes.ts";
import { tokenizeRoutes } from "./tokenize-routes.ts";

export interface GatewayParts {
  readonly settings: Pick<Settings, "http" | "access">;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly engine: Engine;
  readonly router: Router;
  readonly sectors: Sectors;
  readonly sessions: SessionStore;
  readonly adapters: AdapterDirectory;
  readonly takeTurn: TakeTurn;
  readonly resolveModel: ResolveModel;
  readonly limits: MessageLimits;
  readonly sampling: SamplingParameters;
  readonly metrics: GatewayMetrics;
  /** The engine process's own metrics text; "" where it is scraped by itself. */
  readonly engineMetrics: () => Promise<string>;
  readonly arePartsReady: () => Promise<boolean>;
  readonly modelConfig: Readonly<Record<string, unknown>>;
  readonly startPage: { readonly folder: string; readonly errorsDocument: string };
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly nowIso: () => string;
}

/** The gateway's HTTP face: `/v1` speaks OpenAI's errors, everything else problem details. */
export async function buildGatewayApp(parts: GatewayParts) {
  const { settings, engine, router, sectors, limits, adapters, sessions } = parts;
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
  await app.register(chatRoutes, { takeTurn: parts.takeTurn, replyTimeoutMs });
  await app.register(systemStatusRoutes, { engine, sectors, toolCount: 0 });
  await app.register(classifyRoutes, { router, sectors, limits, nowMs: parts.nowMs });
  await app.register(sectorRoutes, { sectors, adapters });
  await app.register(tokenizeRoutes, { engine });
  await app.register(llamaServerAdapterRoutes, { engine });
  await app.register(healthRoutes, { engine, version: parts.version, arePartsReady: parts.arePartsReady });
  await app.register(metricsRoutes, { metrics: parts.metrics, engineMetrics: parts.engineMetrics });

  await app.register(
    async (v1) => {
      openAiErrors(v1);
      await v1.register(openAiChatRoutes, {
        engine,
        sectors,
        limits,
        replyTimeoutMs,
        resolveModel: parts.resolveModel,
        sampling: parts.sampling,
        sessions: createOpenAiSessions(sessions, parts.newId, parts.nowIso),
      });
      await v1.register(openAiTextRoutes, { engine, limits, replyTimeoutMs, resolveModel: parts.resolveModel });
      await v1.register(modelRoutes, {
        adapters,
        modelConfig: parts.modelConfig,
        startedAt: Math.floor(Date.now() / 1000),
      });
      await v1.register(adapterRoutes, { engine });
      await v1.register(classifyRoutes, { router, sectors, limits, nowMs: parts.nowMs });
      await v1.register(sectorRoutes, { sectors, adapters });
      await v1.register(sessionRoutes, { sessions });
    },
    { prefix: "/v1" },
  );
  return app;
}

/** Probes and scrapes must not use up anybody's allowance. */
function isProbe(request: { readonly url: string }): boolean {
  return request.url.startsWith("/health") || request.url === "/metrics";
}
