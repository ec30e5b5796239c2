import { hostname } from "node:os";
import { diag, ROOT_CONTEXT, SamplingDecision, SpanKind, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import { type Logger, within } from "../../foundation/index.ts";
import { KeptSpan, type SpanSurroundings } from "./kept-span.ts";
import { createPassedSpan } from "./passed-span.ts";
import { readTraceparent } from "./traceparent.ts";
import type { Tracing, TracingSettings, TracingSurroundings } from "./tracing.ts";

/** Steps in one message: turning more into JSON at once would be felt by who is being answered meanwhile. */
const batchSpans = 128;
/** So long the end of the process waits for the last steps to be sent. */
const farewellMs = 3_000;
/** A collector that is away is told of this often. */
const warningEveryMs = 60_000;

/**
 * Traces over OTLP/HTTP in JSON. What waits to be sent is bounded, and what does not fit is dropped; a collector that is slow, wrong or
 * away costs a line in the log.
 */
export function createOtlpTracing(settings: TracingSettings, surroundings: TracingSurroundings): Tracing {
  const { sampleRatio, fromCallers, queueSpans, exportEveryMs, exportTimeoutMs } = settings;
  const { service, version, log, callersAreOurs = false } = surroundings;
  // The SDK is not to write to the console.
  diag.disable();
  const exporter = new OTLPTraceExporter({
    url: tracesUrl(settings.endpoint),
    headers: headersOf(settings.headers),
    timeoutMillis: exportTimeoutMs,
    // One message at a time, but for the last ones.
    concurrencyLimit: Math.ceil(queueSpans / batchSpans) + 2,
  });
  const processor = new BatchSpanProcessor(telling(exporter, log), {
    maxQueueSize: queueSpans,
    maxExportBatchSize: Math.min(batchSpans, queueSpans),
    scheduledDelayMillis: exportEveryMs,
    exportTimeoutMillis: exportTimeoutMs,
  });
  const ids = new RandomIdGenerator();
  const sampler = new TraceIdRatioBasedSampler(sampleRatio);
  const isChosen = (traceId: string): boolean =>
    sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  const shared: SpanSurroundings = {
    resource: resourceFromAttributes({
      "service.name": service,
      "service.version": version,
      "service.instance.id": `${hostname()}:${process.pid}`,
    }),
    scope: { name: "sektor", version },
    newSpanId: () => ids.generateSpanId(),
    onEnd: (span) => processor.onEnd(span),
  };
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await within(farewellMs, processor.shutdown(), () => new Error("late")).catch(() => {
      log.warn({}, "traces-left-unsent");
    });
  };
  return {
    begin: ({ name, traceparent, startMs = performance.now() }) => {
      const parent = fromCallers || callersAreOurs ? readTraceparent(traceparent) : undefined;
      const traceId = parent?.traceId ?? ids.generateTraceId();
      const spanId = ids.generateSpanId();
      if (!(parent?.kept ?? isChosen(traceId))) return createPassedSpan({ traceId, spanId });
      return new KeptSpan(
        {
          name,
          kind: SpanKind.SERVER,
          context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED },
          parent:
            parent === undefined
              ? undefined
              : { traceId, spanId: parent.spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
          startMs,
          offsetMs: wallOffsetMs(),
        },
        shared,
      );
    },
    [Symbol.asyncDispose]: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** The same exporter; failures go to the log, now and then. */
function telling(exporter: SpanExporter, log: Logger): SpanExporter {
  let spans = 0;
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  return {
    export: (batch: ReadableSpan[], done) =>
      exporter.export(batch, (result) => {
        if (result.error !== undefined) {
          spans += batch.length;
          const nowMs = performance.now();
          if (nowMs - warnedAtMs > warningEveryMs) {
            // The error's text may hold what the collector said, or its address with a password.
            const { name, code } = result.error as NodeJS.ErrnoException;
            log.warn({ spans, error: name, code }, "trace-export-failed");
            warnedAtMs = nowMs;
            spans = 0;
          }
        }
        done(result);
      }),
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** As OpenTelemetry has it: `endpoint` is the collector's address, and the path of traces goes behind it. */
export function tracesUrl(endpoint: string): string {
  const bare = endpoint.replace(/\/+$/, "");
  return bare.endsWith("/v1/traces") ? bare : `${bare}/v1/traces`;
}

/** `name=value` each; values may be percent-encoded, as OpenTelemetry's variable has them. */
function headersOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Wall clock less `performance.now()`. Node's own is finer; where the clock was set since the start, the clock it is now. */
function wallOffsetMs(): number {
  const { timeOrigin } = performance;
  const drift = Date.now() - (timeOrigin + performance.now());
  return Math.abs(drift) < 2 ? timeOrigin : timeOrigin + drift;
}
