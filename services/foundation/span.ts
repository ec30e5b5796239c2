/** Values of a span: numbers, flags and names from closed sets. Never what people say, never keys. */
export type SpanValues = Readonly<Record<string, string | number | boolean>>;

/**
 * One step of a trace. Where the steps are kept is observability's business (services/observability/tracing); everybody else begins steps
 * under the one that runs, and only where one runs.
 */
export interface Span {
  /** 32 hexadecimal digits, the same for all steps of a trace. */
  readonly traceId: string;
  /** False: the trace was not chosen to be kept. Nothing is noted then; whoever is asked next is told. */
  readonly kept: boolean;
  /** For whoever is asked next, as W3C Trace Context has it. */
  readonly traceparent: string;
  /** A step within this one. @param startMs on the clock of `performance.now()`; default: now */
  child(name: string, options?: { readonly kind?: "client" | "server"; readonly startMs?: number }): Span;
  note(values: SpanValues): void;
  /** @param failure a code of docs/errors.md @param endMs as `startMs`. The first call counts. */
  end(failure?: string, endMs?: number): void;
}

/** By the request, call or signal that a step belongs to: signals go wherever work goes, so nothing else has to be handed through. */
const spans = new WeakMap<object, Span>();

/** The step that `carrier` (a request, a call, its signal) belongs to. */
export function spanOf(carrier: object | undefined): Span | undefined {
  return carrier === undefined ? undefined : spans.get(carrier);
}

/** @param span undefined: none runs */
export function carrySpan<C extends object>(span: Span | undefined, carrier: C): C {
  if (span !== undefined) spans.set(carrier, span);
  return carrier;
}
