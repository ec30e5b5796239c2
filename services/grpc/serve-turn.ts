import type { Metadata } from "@grpc/grpc-js";
import { openTurnRecord, recordedTurn, type TakeTurn, type TurnEvent } from "../conversation/index.ts";
import { carrySpan, type Logger } from "../foundation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import type { GatewayMetrics, Tracing } from "../observability/index.ts";
import type { RequestLog } from "../records/index.ts";
import type { Admission } from "./admission.ts";
import { callSignal, type EndingCall } from "./call-signal.ts";
import { checkRequest, turnOf } from "./generate-request.ts";
import { textOf } from "./metadata.ts";
import type { OpenCalls } from "./open-calls.ts";

export interface TurnParts {
  readonly takeTurn: TakeTurn;
  readonly requests: RequestLog;
  readonly admission: Admission;
  readonly calls: OpenCalls;
  readonly metrics: Pick<GatewayMetrics, "requestStarted" | "requestEnded">;
  readonly logger: Logger;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Longest reply, whatever the caller's deadline. */
  readonly replyTimeoutMs: number;
  readonly nowMs: () => number;
}

export interface TurnCall extends EndingCall {
  readonly metadata: Metadata;
  readonly request: unknown;
  getPeer(): string;
}

/** What the caller gets of a turn. */
export type Answer = (
  events: AsyncIterable<TurnEvent>,
  noteSector: (sector: string | null) => void,
  signal: AbortSignal,
) => Promise<void>;

/**
 * One call from its key to its row: who asks, what may be asked, the turn, and what is counted.
 * @param id of the request: its row, its log lines and its caller have it
 * @param endpoint `grpc/Generate`; a label of the metrics and the row's endpoint
 * @throws {PlatformError} whatever the call is refused with or ends in
 */
export async function serveTurn(
  parts: TurnParts,
  { id, endpoint }: { readonly id: string; readonly endpoint: string },
  call: TurnCall,
  answer: Answer,
): Promise<void> {
  const { metrics, admission, calls, logger, nowMs } = parts;
  const startedMs = nowMs();
  const elapsedMs = (): number => nowMs() - startedMs;
  let sector = "none";
  let errorType: string | undefined;
  const { signal, abandon, done } = callSignal(call, parts.replyTimeoutMs);
  const span = parts.tracing?.begin({ name: endpoint, traceparent: textOf(call.metadata, "traceparent") });
  carrySpan(span, signal);
  const traced = span?.kept === true ? { trace_id: span.traceId } : {};
  // Whoever was waited for may have named the end otherwise; why it came stands in the signal.
  const named = (thrown: unknown) => asPlatformError(signal.aborted ? signal.reason : thrown);
  metrics.requestStarted();
  const letGo = [done];
  try {
    letGo.push(calls.begin(abandon));
    const caller = await admission.caller(call.metadata, call.getPeer(), "chat");
    checkRequest(call.request);
    letGo.push(await admission.reply(caller, call.request.user_id));
    // The caller may have left while we asked.
    signal.throwIfAborted();
    const turn = turnOf(call.request, caller);
    const codeOf = (thrown: unknown): string => named(thrown).code;
    const events = recordedTurn(parts.takeTurn(turn, signal), turn, (opening) =>
      openTurnRecord(parts.requests, { id, endpoint, elapsedMs, codeOf, span }, opening),
    );
    const noteSector = (chosen: string | null): void => {
      sector = chosen ?? "none";
    };
    await answer(events, noteSector, signal);
  } catch (thrown) {
    const error = named(thrown);
    errorType = error.code;
    if (error.status >= 500)
      logger.error({ reqId: id, ...traced, code: error.code, cause: String(error.cause ?? "") }, "request-failed");
    throw error;
  } finally {
    for (const free of letGo) free();
    const ms = elapsedMs();
    span?.note({ "rpc.system": "grpc", "rpc.method": endpoint });
    span?.end(errorType);
    const failure = errorType === undefined ? {} : { errorType };
    const traceId = span?.kept === true ? span.traceId : undefined;
    metrics.requestEnded({ sector, endpoint, method: "POST", seconds: ms / 1000, traceId, ...failure });
    logger.info(
      { reqId: id, ...traced, route: endpoint, outcome: errorType ?? "ok", ms: Math.round(ms) },
      "request-end",
    );
  }
}
