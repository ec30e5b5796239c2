import type { Span } from "../../foundation/index.ts";
import { type TraceParent, writeTraceparent } from "./traceparent.ts";

/** The steps of a trace that nobody keeps: all are one, which only tells those that are asked next not to keep it either. */
export function createPassedSpan(place: Omit<TraceParent, "kept">): Span {
  const span: Span = {
    traceId: place.traceId,
    kept: false,
    get traceparent() {
      return writeTraceparent({ ...place, kept: false });
    },
    child: () => span,
    note: () => {},
    end: () => {},
  };
  return span;
}
