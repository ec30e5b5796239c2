import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import type { Tracing } from "../observability/index.ts";
import { answerClientFault } from "./client-faults.ts";
import { endConnectionsOnClose } from "./connections.ts";
import { strictJsonBody } from "./json-body.ts";
import { traceRequests } from "./request-traces.ts";
import { endStalledReaders } from "./stalled-readers.ts";

export interface BuildAppOptions {
  readonly logger: FastifyBaseLogger;
  readonly trustProxy: boolean | string;
  readonly bodyLimitBytes: number;
  /** Time a client has to send its whole request. */
  readonly requestTimeoutMs: number;
  /** Time it has for the head alone; as long as the whole unless told. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take nothing of its reply before it is cut off; absent or 0: for ever. */
  readonly stalledReaderMs?: number;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

declare module "fastify" {
  interface FastifyInstance {
    stalledReaderMs: number;
    /** Tells the app that a connection is no longer its own: it does not end it when it closes. */
    handOver: (socket: Duplex) => void;
  }
}

/**
 * A Fastify app with the house's ways: TypeBox validation without coercion, strict UTF-8 JSON, request ids, bounded waits,
 * and one log line a request that never holds what was said.
 */
export function buildApp(options: BuildAppOptions) {
  const { requestTimeoutMs, headersTimeoutMs = requestTimeoutMs, stalledReaderMs = 0 } = options;
  const firstMs = Math.min(headersTimeoutMs, requestTimeoutMs);
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: firstMs,
      // Node looks for late clients only this often, usually twice a minute.
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(firstMs / 4)),
    },
    clientErrorHandler: answerClientFault,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  const connections = endConnectionsOnClose(app.server);
  app.decorate("handOver", connections.handOver);
  app.decorate("stalledReaderMs", stalledReaderMs);
  if (stalledReaderMs > 0)
    endStalledReaders(app.server, stalledReaderMs, () => options.logger.info({ stalledReaderMs }, "reader-stalled"));
  if (options.tracing !== undefined) traceRequests(app, options.tracing);
  app.addHook("preClose", async () => connections.end());
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
