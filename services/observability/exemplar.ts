/** What an exemplar says; never a label of the metric itself. */
export type TraceLabel = "trace_id";

/** What a value carries of the kept trace it was seen in; empty where there is none. */
export function traceExemplar(traceId: string | undefined): {
  readonly exemplarLabels?: { readonly trace_id: string };
} {
  return traceId === undefined ? {} : { exemplarLabels: { trace_id: traceId } };
}
