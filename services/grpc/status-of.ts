import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { asPlatformError, renderProblem } from "../http-kit/index.ts";

/** HTTP status → gRPC code, after what a caller should do: change the request, come back later, or tell us. */
const codes: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  409: status.ABORTED,
  429: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  501: status.UNIMPLEMENTED,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
  507: status.RESOURCE_EXHAUSTED,
};

/**
 * Whatever was thrown while serving a call, as its end: the sentence in the reader's language, the platform's code in the trailers.
 * @param language the call's `accept-language`; Turkish unless English ranks above it
 */
export function statusOf(thrown: unknown, language: string | undefined): StatusObject {
  const error = asPlatformError(thrown);
  const metadata = new Metadata();
  metadata.set("sektor-code", error.code);
  if (error.param !== undefined) metadata.set("sektor-param", error.param);
  if (error.retryAfterS !== undefined) {
    metadata.set("retry-after", String(error.retryAfterS));
    // What clients with a retry policy go by: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
    metadata.set("grpc-retry-pushback-ms", String(error.retryAfterS * 1000));
  }
  const { detail } = renderProblem(error, language);
  // A text that was cut within a character cannot be sent; through UTF-8 it is whole again.
  return { code: codeOf(error.status), details: Buffer.from(detail).toString(), metadata };
}

function codeOf(httpStatus: number): status {
  return codes[httpStatus] ?? (httpStatus >= 500 ? status.INTERNAL : status.INVALID_ARGUMENT);
}
