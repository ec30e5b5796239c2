import {
  type ChannelCredentials,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { createGrpcServer } from "../../services/grpc/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import type { Settings } from "../../services/settings/index.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { buildTestGateway, type GatewayOptions } from "./gateway.ts";

export interface GrpcGatewayOptions extends Partial<GatewayOptions> {
  /** Instead of what the environment says. */
  readonly grpcSettings?: Partial<Settings["grpc"]>;
  readonly httpSettings?: Partial<Settings["http"]>;
  readonly isReady?: () => Promise<boolean>;
  readonly everyMs?: number;
  readonly maxWatchers?: number;
}

/** The gateway's gRPC face over a scripted engine, on a free loopback port. */
export async function openGrpcGateway({
  grpcSettings = {},
  httpSettings = {},
  isReady = async () => true,
  everyMs = 10,
  maxWatchers = 100,
  ...more
}: GrpcGatewayOptions = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"] },
    ...more,
  });
  const given = built.grpc.settings;
  const settings = {
    ...given,
    grpc: { ...given.grpc, drainMs: 200, ...grpcSettings },
    http: { ...given.http, ...httpSettings },
  };
  const server = createGrpcServer({ ...built.grpc, settings, isReady, everyMs, maxWatchers });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return { ...built, server, url, address: url.replace("grpc://", "") };
}

/** The same with a stock client of one of its services; `close` ends both. */
export async function openGrpcPair(
  options: GrpcGatewayOptions = {},
  service: Parameters<typeof grpcClient>[1] = "sektor.v1.Inference",
) {
  const gateway = await openGrpcGateway(options);
  const client = grpcClient(gateway.address, service);
  const close = async (): Promise<void> => {
    client.close();
    await gateway.server.close();
  };
  return { ...gateway, client, close };
}

// biome-ignore lint/suspicious/noExplicitAny: what a proto says at run time has no types.
type Message = any;

export interface GrpcClient {
  /** Any method with one reply. Rejects with grpc-js' error, whose `trailers` stand in `metadata`. */
  ask(
    method: string,
    request: object,
    headers?: Readonly<Record<string, string>>,
    deadlineMs?: number,
  ): Promise<Message>;
  stream(method: string, request: object, headers?: Readonly<Record<string, string>>): ClientReadableStream<Message>;
  close(): void;
}

/** A stock client that has read the proto as anybody would. */
export function grpcClient(
  address: string,
  service: "sektor.v1.Inference" | "grpc.health.v1.Health" = "sektor.v1.Inference",
  channel: ChannelCredentials = credentials.createInsecure(),
): GrpcClient {
  const files = ["services/grpc/sektor.proto", "services/grpc/health.proto"];
  const root = loadPackageDefinition(loadSync(files, { keepCase: true, enums: String, oneofs: true })) as Message;
  const Client = service.split(".").reduce((part, name) => part[name], root);
  const client = new Client(address, channel);
  const metadataOf = (headers: Readonly<Record<string, string>>): Metadata => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return metadata;
  };
  return {
    ask: (method, request, headers = {}, deadlineMs = 10_000) =>
      new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + deadlineMs };
        client[method](request, metadataOf(headers), options, (failure: ServiceError | null, reply: Message) =>
          failure === null ? resolve(reply) : reject(failure),
        );
      }),
    stream: (method, request, headers = {}) => client[method](request, metadataOf(headers)),
    close: () => client.close(),
  };
}

/** Everything a stream brings, and how it ended: undefined where it ended well. */
export async function readAll(
  stream: ClientReadableStream<Message>,
): Promise<{ readonly messages: readonly Message[]; readonly failure: ServiceError | undefined }> {
  const messages: Message[] = [];
  const failure = await new Promise<ServiceError | undefined>((resolve) => {
    stream.on("data", (message) => messages.push(message));
    stream.once("error", (thrown: ServiceError) => resolve(thrown));
    stream.once("end", () => resolve(undefined));
  });
  return { messages, failure };
}

/** How a call was refused. */
export async function refusalOf(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (failure) {
    return failure as ServiceError;
  }
  throw new Error("It was not refused.");
}
