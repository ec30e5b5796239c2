import { Type } from "typebox";
import { closed } from "./closed.ts";

export const httpSettings = Type.Object(
  {
    host: Type.String({
      default: "127.0.0.1",
      description: "address to listen on; anything but loopback needs an API key",
    }),
    port: Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: "0 takes a free one" }),
    trustProxy: Type.Union([Type.Boolean(), Type.String()], {
      default: false,
      description:
        "proxies in front whose `X-Forwarded-For` is believed; `true` believes everybody, so [prefer addresses](access.md)",
      form: "addresses, true, false",
    }),
    bodyLimitBytes: Type.Integer({
      minimum: 1024,
      maximum: 104_857_600,
      default: 1_048_576,
      description: "largest body",
    }),
    maxMessageCharacters: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 8000,
      description: "longest message, UTF-16 units",
    }),
    maxMessages: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 256,
      description: "most messages in one request",
    }),
    replyTimeoutMs: Type.Integer({
      minimum: 100,
      default: 300_000,
      description: "time for a whole reply, streaming included",
    }),
    requestTimeoutMs: Type.Integer({
      minimum: 100,
      default: 30_000,
      description: "time a client has to send its request",
    }),
    headersTimeoutMs: Type.Integer({
      minimum: 100,
      default: 10_000,
      description: "time it has for the head of its request alone",
    }),
    stalledReaderMs: Type.Integer({
      minimum: 0,
      default: 30_000,
      description: "how long a client may take nothing of its reply before it is cut off; 0 = for ever",
    }),
    corsOrigins: Type.Array(Type.String(), {
      default: [],
      description: "origins whose pages may call the API",
      form: "list",
    }),
    requestsPerMinute: Type.Integer({
      minimum: 0,
      default: 1200,
      description: "per IPv4 address or IPv6 /64, in any minute; 0 = no limit; probes and `/metrics` do not count",
    }),
  },
  { ...closed, title: "the address people talk to" },
);

export const accessSettings = Type.Object(
  {
    keySha256: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), {
      default: [],
      description:
        'SHA-256 of each accepted key: `printf %s "$KEY" | sha256sum`; without keys none is asked for, on loopback only',
      form: "list of 64 hex digits",
    }),
  },
  { ...closed, title: "who may" },
);

export const limitsSettings = Type.Object(
  {
    store: Type.Enum(["memory", "redis"], {
      default: "memory",
      description: "where requests are counted; `redis` (at `redis.url`) when several gateways share the limits",
    }),
    whenUnavailable: Type.Enum(["allow", "refuse"], {
      default: "allow",
      description: "while Redis is out of reach: each gateway counts alone, or answers `503 limits_unavailable`",
    }),
    userPerHour: Type.Integer({ minimum: 0, default: 1000, description: "requests of a user an hour" }),
    userPerDay: Type.Integer({ minimum: 0, default: 5000, description: "requests of a user a day" }),
    keyPerMinute: Type.Integer({ minimum: 0, default: 1200, description: "requests with a key a minute" }),
    streamsPerUser: Type.Integer({
      minimum: 0,
      default: 8,
      description: "replies of the model at the same time for a user, streamed or whole",
    }),
    streamsPerKey: Type.Integer({ minimum: 0, default: 64, description: "the same for a key" }),
    waitsPerKey: Type.Integer({
      minimum: 0,
      default: 128,
      description:
        "calls of a key that wait for [jobs](serverless.md) at the same time (`/status-sync`, `/stream`); without keys, of an address",
    }),
    formsPerHour: Type.Integer({
      minimum: 0,
      default: 60,
      description: "[feedback forms](feedback.md), which need no key, of an address an hour",
    }),
    formsPerDay: Type.Integer({ minimum: 0, default: 5000, description: "the same of all addresses together a day" }),
  },
  {
    ...closed,
    title: "how much at once and over time",
    description: "0 means no limit. Windows slide. [How they work together](access.md).",
  },
);

export const grpcSettings = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: "127.0.0.1",
      description:
        "[chat over gRPC](grpc.md) listens here; an address reachable from outside asks for API keys or `grpc.tls.clientCa`",
    }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 16_071, description: "0 = none" }),
    maxConcurrentStreams: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 128,
      description: "calls at once over one connection",
    }),
    drainMs: Type.Integer({
      minimum: 0,
      maximum: 600_000,
      default: 8000,
      description: "how long closing waits for replies that are on their way",
    }),
    tls: Type.Object(
      {
        cert: Type.String({ default: "", description: "PEM file of the server's certificate; with `grpc.tls.key`" }),
        key: Type.String({ default: "", description: "PEM file of its key" }),
        clientCa: Type.String({
          default: "",
          description: "PEM file of who signs the callers' certificates; with it, who shows none is refused",
        }),
      },
      closed,
    ),
  },
  { ...closed, title: "chat over gRPC" },
);

export const logSettings = Type.Object(
  {
    level: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      default: "info",
      description: "JSON lines on standard output",
    }),
  },
  { ...closed, title: "what the processes say" },
);
