import { type HrTime, type SpanContext, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Span, SpanValues } from "../../foundation/index.ts";
import { writeTraceparent } from "./traceparent.ts";

/** What all spans of a process have in common. */
export interface SpanSurroundings {
  readonly resource: Resource;
  readonly scope: ReadableSpan["instrumentationScope"];
  readonly newSpanId: () => string;
  readonly onEnd: (span: ReadableSpan) => void;
}

interface KeptSpanInit {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  /** Wall clock less `performance.now()`, ms: one for all steps of a trace in this process, so that a clock that is set does not tear it. */
  readonly offsetMs: number;
}

/**
 * One step, kept in the SDK's own shape for its processor and exporter. Not the SDK's own span: that one looks at every value and asks two
 * clocks, which costs several times as much.
 */
export class KeptSpan implements Span, ReadableSpan {
  readonly kept = true;
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly attributes: Record<string, string | number | boolean> = {};
  readonly links = [];
  readonly events = [];
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan["instrumentationScope"];
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  endTime: HrTime = [0, 0];
  duration: HrTime = [0, 0];
  ended = false;
  readonly #init: KeptSpanInit;
  readonly #surroundings: SpanSurroundings;

  constructor(init: KeptSpanInit, surroundings: SpanSurroundings) {
    this.#init = init;
    this.#surroundings = surroundings;
    this.name = init.name;
    this.kind = init.kind;
    if (init.parent !== undefined) this.parentSpanContext = init.parent;
    this.startTime = hrTime(init.startMs + init.offsetMs);
    this.resource = surroundings.resource;
    this.instrumentationScope = surroundings.scope;
  }

  get traceId(): string {
    return this.#init.context.traceId;
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#init.context;
    return writeTraceparent({ traceId, spanId, kept: true });
  }

  spanContext(): SpanContext {
    return this.#init.context;
  }

  child(name: string, { kind, startMs = performance.now() }: Parameters<Span["child"]>[1] = {}): Span {
    const { context, offsetMs } = this.#init;
    const init = {
      name,
      kind: kind === undefined ? SpanKind.INTERNAL : kind === "client" ? SpanKind.CLIENT : SpanKind.SERVER,
      context: { ...context, spanId: this.#surroundings.newSpanId() },
      parent: context,
      startMs,
      offsetMs,
    };
    return new KeptSpan(init, this.#surroundings);
  }

  note(values: SpanValues): void {
    if (!this.ended) Object.assign(this.attributes, values);
  }

  end(failure?: string, endMs = performance.now()): void {
    if (this.ended) return;
    if (failure !== undefined) {
      this.attributes["error.type"] = failure;
      this.status = { code: SpanStatusCode.ERROR };
    }
    const { startMs, offsetMs } = this.#init;
    const lastMs = Math.max(startMs, endMs);
    this.endTime = hrTime(lastMs + offsetMs);
    this.duration = hrTime(lastMs - startMs);
    this.ended = true;
    this.#surroundings.onEnd(this);
  }
}

/** Milliseconds as seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
