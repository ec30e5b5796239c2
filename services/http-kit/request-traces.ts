import type { FastifyInstance } from "fastify";
import { carrySpan, spanOf } from "../foundation/index.ts";
import type { Tracing } from "../observability/index.ts";
import { asPlatformError } from "./request-faults.ts";

/** Looking at something is worth a trace only to a caller that asks for one. */
const looks = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * One step for each request, from its head to the end of its reply. Its signal (`clientSignal`) carries it on; the request's log lines and
 * the reply's `traceresponse` name the trace.
 */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { method, routeOptions } = request;
    const { traceparent } = request.headers;
    const caller = typeof traceparent === "string" ? traceparent : undefined;
    if (caller === undefined && looks.has(method)) {
      done();
      return;
    }
    const route = routeOptions.url;
    const span = tracing.begin({ name: route === undefined ? method : `${method} ${route}`, traceparent: caller });
    carrySpan(span, request);
    if (span.kept) {
      span.note({ "http.request.method": method, ...(route === undefined ? {} : { "http.route": route }) });
      request.log = request.log.child({ trace_id: span.traceId });
      reply.log = request.log;
      reply.header("traceresponse", span.traceparent);
      const { raw } = reply;
      // Comes for every reply, also for one whose client has left.
      raw.once("close", () => {
        span.note({ "http.response.status_code": raw.statusCode });
        span.end(raw.writableFinished ? undefined : "request_aborted");
      });
    }
    done();
  });
  app.addHook("onError", (request, _reply, thrown, done) => {
    const span = spanOf(request);
    if (span?.kept === true) {
      const { code, status } = asPlatformError(thrown);
      span.note({ "http.response.status_code": status, "error.type": code });
      // What a caller did wrong is no failure of ours.
      if (status >= 500) span.end(code);
    }
    done();
  });
}
