import { randomUUID } from "node:crypto";
import type { ApiKeys, RateLimiter } from "../../access/index.ts";
import type { Disposal, Logger } from "../../foundation/index.ts";
import { asksForCertificates, createGrpcServer, type GrpcServer, loadCredentials } from "../../grpc/index.ts";
import { refuseOpenBind } from "../../http/index.ts";
import type { Engine } from "../../inference/index.ts";
import type { GatewayMetrics, Tracing } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { openTurns } from "./open-turns.ts";

export interface OpenGrpcParts {
  readonly turns: ReturnType<typeof openTurns>;
  readonly engine: Engine;
  readonly sessions: { readonly isReady: () => Promise<boolean> };
  readonly requests: RequestLog;
  readonly limiter: RateLimiter;
  readonly apiKeys: ApiKeys;
  readonly metrics: GatewayMetrics;
  readonly tracing: Tracing | undefined;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/**
 * What can be known before the engine starts: whether the certificates can be used, and that, as over HTTP, nobody gets in from outside
 * who shows nothing. A certificate will do as well as a key.
 * @throws {PlatformError} `open_bind_refused` @throws {GrpcTlsError}
 */
export async function checkGrpc({ grpc }: Pick<Settings, "grpc">, hasKeys: () => Promise<boolean>): Promise<void> {
  if (grpc.port === 0) return;
  loadCredentials(grpc.tls);
  if (!asksForCertificates(grpc.tls)) await refuseOpenBind(grpc.host, hasKeys);
}

/** Chat over gRPC. @returns undefined: the settings want none @throws {GrpcTlsError} */
export function openGrpc(
  settings: Settings,
  { turns, engine, sessions, ...parts }: OpenGrpcParts,
  disposal: Disposal,
): GrpcServer | undefined {
  if (settings.grpc.port === 0) return undefined;
  const isReady = async () => (await engine.status()).ready && (await sessions.isReady());
  const server = createGrpcServer({ ...parts, takeTurn: turns.takeTurn, settings, isReady, newId: randomUUID });
  return disposal.own(server, (opened) => opened.close());
}
