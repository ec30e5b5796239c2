import type { FastifyReply, FastifyRequest } from "fastify";
import { type OpenRecord, openTurnRecord, type RecordOpening } from "../conversation/index.ts";
import { spanOf } from "../foundation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import type { RequestLog } from "../records/index.ts";

/** Begins the row of one request. */
export function openRecord(
  requests: RequestLog,
  fastifyRequest: FastifyRequest,
  reply: FastifyReply,
  opening: RecordOpening,
): OpenRecord {
  const { id, routeOptions } = fastifyRequest;
  const request = {
    id,
    endpoint: routeOptions.url ?? "unknown",
    elapsedMs: () => reply.elapsedTime,
    codeOf: (thrown: unknown) => asPlatformError(thrown).code,
    span: spanOf(fastifyRequest),
  };
  return openTurnRecord(requests, request, opening);
}
