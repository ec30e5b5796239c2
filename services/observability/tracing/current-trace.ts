import { spanOf } from "../../foundation/index.ts";

/** The id (32 hexadecimal digits) of the kept trace that a request, a call or its signal belongs to; undefined: none, or tracing is off. */
export function traceIdOf(carrier: object | undefined): string | undefined {
  const span = spanOf(carrier);
  return span?.kept === true ? span.traceId : undefined;
}
