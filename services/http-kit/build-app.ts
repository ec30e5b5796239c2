import { randomUUID } from "node:crypto";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { endConnectionsOnClose } from "./connections.ts";
import { strictJsonBody } from "./json-body.ts";

export interface BuildAppOptions {
  readonly logger: FastifyBaseLogger;
  readonly trustProxy: boolean | string;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
}

/**
 * A Fastify app with the house's ways: TypeBox validation without coercion, strict UTF-8 JSON, request ids, bounded waits,
 * and one log line a request that never holds what was said.
 */
export function buildApp(options: BuildAppOptions) {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  const endConnections = endConnectionsOnClose(app.server);
  app.addHook("preClose", async () => endConnections());
  app.register(strictJsonBody);
  app.addHook("onSend", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      "request-end",
    );
  });
  return app;
}
