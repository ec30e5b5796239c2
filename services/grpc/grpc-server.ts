import { isIPv6 } from "node:net";
import { logVerbosity, Server, setLogVerbosity } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { within } from "../foundation/index.ts";
import type { Settings } from "../settings/index.ts";
import { type AdmissionParts, createAdmission } from "./admission.ts";
import { loadCredentials } from "./credentials.ts";
import { createHealthService, type HealthParts } from "./health-service.ts";
import { createInferenceService, type InferenceParts } from "./inference-service.ts";
import { keyedReflection } from "./keyed-reflection.ts";
import { createOpenCalls } from "./open-calls.ts";
import { healthDefinition, inferenceDefinition, inferenceName, protos } from "./protos.ts";

export interface GrpcParts
  extends Omit<InferenceParts, "admission" | "calls" | "replyTimeoutMs">,
    Omit<HealthParts, "services"> {
  readonly apiKeys: AdmissionParts["apiKeys"];
  readonly limiter: AdmissionParts["limiter"];
  readonly settings: Pick<Settings, "grpc" | "http" | "limits">;
}

export interface GrpcServer {
  /** @returns its URL @throws {Error} with `code`, as Node's `listen` does, such as EADDRINUSE */
  listen(place: { readonly host: string; readonly port: number }): Promise<string>;
  /** Takes no more calls, waits for those that are on their way, and ends what is left after `grpc.drainMs`. */
  close(): Promise<void>;
}

/** For replies that are ended to end, and for what is written last to reach its readers. */
const farewellMs = 1000;

/** A reader that takes nothing ends with its connection, so connections end too. */
const limitsOfConnections = {
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.max_connection_idle_ms": 15 * 60_000,
  "grpc.max_connection_age_ms": 60 * 60_000,
} as const;

/** @throws {GrpcTlsError} */
export function createGrpcServer(parts: GrpcParts): GrpcServer {
  const { settings, apiKeys, limiter } = parts;
  const { replyTimeoutMs, bodyLimitBytes, requestsPerMinute } = settings.http;
  const credentials = loadCredentials(settings.grpc.tls);
  // It writes to the console, beside the log; what matters of it is thrown too.
  setLogVerbosity(logVerbosity.NONE);
  const admission = createAdmission({ apiKeys, limiter, limits: settings.limits, requestsPerMinute });
  const calls = createOpenCalls();
  const health = createHealthService({ ...parts, services: [inferenceName] });
  const server = new Server({
    ...limitsOfConnections,
    "grpc.max_connection_age_grace_ms": replyTimeoutMs,
    "grpc.max_concurrent_streams": settings.grpc.maxConcurrentStreams,
    "grpc.max_receive_message_length": bodyLimitBytes,
    "grpc.enable_channelz": 0,
    interceptors: [keyedReflection(admission)],
  });
  server.addService(inferenceDefinition, createInferenceService({ ...parts, admission, calls, replyTimeoutMs }));
  server.addService(healthDefinition, health.implementation);
  new ReflectionService(protos).addToServer(server);

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const left = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    health.close();
    await calls.drain(settings.grpc.drainMs, farewellMs);
    await within(farewellMs, left, () => new Error("Somebody does not leave.")).catch(() => server.forceShutdown());
  };

  return {
    listen: async ({ host, port }) => {
      const address = isIPv6(host) ? `[${host}]` : host;
      const taken = await new Promise<number>((resolve, reject) => {
        server.bindAsync(`${address}:${port}`, credentials, (failure, bound) => {
          if (failure === null) resolve(bound);
          else reject(withCode(failure));
        });
      });
      return `grpc://${address}:${taken}`;
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** grpc-js hands on the text of what Node says, without its code. */
function withCode(failure: Error): Error {
  const code = /\bE[A-Z]{4,}\b/.exec(failure.message)?.[0];
  return code === undefined ? failure : Object.assign(failure, { code });
}
