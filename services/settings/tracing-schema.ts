import { Type } from "typebox";
import { closed } from "./closed.ts";

export const tracingSettings = Type.Object(
  {
    endpoint: Type.String({
      default: "",
      pattern: "^(https?://.+)?$",
      description:
        "address of an OTLP collector, such as `http://127.0.0.1:4318`; empty: no traces. `OTEL_EXPORTER_OTLP_ENDPOINT` says the same",
      form: "http:// or https:// address",
    }),
    headers: Type.Array(Type.String({ pattern: "^[^=\\s]+=.*$" }), {
      default: [],
      description: "sent along to the collector, such as `authorization=Bearer …`; also `OTEL_EXPORTER_OTLP_HEADERS`",
      form: "list of name=value",
      secret: true,
    }),
    sampleRatio: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: "share of the traces begun here that are kept; also `OTEL_TRACES_SAMPLER_ARG`",
    }),
    fromCallers: Type.Boolean({
      default: true,
      description:
        "whether a caller's `traceparent` is continued, with its choice to keep the trace; `false`: every request begins one",
    }),
    queueSpans: Type.Integer({
      minimum: 16,
      maximum: 65_536,
      default: 2048,
      description: "steps that may wait to be sent; more are dropped",
    }),
    exportEveryMs: Type.Integer({
      minimum: 50,
      maximum: 60_000,
      default: 2000,
      description: "how long a step waits to be sent with others",
    }),
    exportTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 60_000,
      default: 5000,
      description: "time for one message to the collector",
    }),
  },
  {
    ...closed,
    title: "traces",
    description: "Of `serve`, `infer` and `work`, over OTLP/HTTP. [What they show](tracing.md).",
  },
);
