import { type TakeTurn, type TurnOpening, type TurnResult, turnRow } from "../conversation/index.ts";
import { renderUsage } from "../dialect/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import type { GatewayMetrics } from "../observability/index.ts";
import type { RequestLog } from "../records/index.ts";
import { type RunInput, type RunMessage, readRunInput, turnOf } from "./run-input.ts";

export interface RunJobParts {
  readonly takeTurn: TakeTurn;
  readonly requests: RequestLog;
  readonly metrics: Pick<GatewayMetrics, "requestStarted" | "requestEnded">;
  /** What rows and metrics call the way in: one of a closed set. */
  readonly endpoint: string;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
}

/** One job, and who it is for. */
export interface RunCall {
  /** The job's id; its row in the request log has it too. */
  readonly id: string;
  /** As it came. */
  readonly input: unknown;
  readonly userId?: string;
  /** Sectors the caller may use; absent: all. */
  readonly sectors?: readonly string[];
  /** The reply, piece by piece. Must not throw. */
  readonly onText?: (text: string) => void;
}

/** What a job that went well answers. */
export interface RunOutput {
  readonly response: string;
  /** The conversation as the caller keeps it: what was sent, the prompt, the response. */
  readonly messages: readonly RunMessage[];
  readonly status: "success";
  /** Null: none fitted; the base model answered. */
  readonly sector: string | null;
  readonly usage: ReturnType<typeof renderUsage>;
}

/** What a job that failed answers. */
export interface RunFailure {
  /** English, one sentence, safe to show. */
  readonly error: string;
  /** A code of docs/errors.md. */
  readonly error_type: string;
  readonly status: "error";
}

/**
 * @throws {PlatformError} `invalid_request`, or whatever a turn throws
 * @throws the signal's reason, when it fires first
 */
export type RunJob = (call: RunCall, signal: AbortSignal) => Promise<RunOutput>;

/** How far a job has come. */
interface Course {
  message: string | null;
  opening?: TurnOpening;
  result?: TurnResult;
}

/** A serverless job's handler: the same turn as a chat request's, and like it counted and left in the request log. */
export function createRunJob(parts: RunJobParts): RunJob {
  const { takeTurn, metrics, nowMs } = parts;
  return async (call, signal) => {
    const startedMs = nowMs();
    const course: Course = { message: null };
    metrics.requestStarted();
    try {
      const output = await run(takeTurn, call, signal, course);
      note(parts, call, course, nowMs() - startedMs);
      return output;
    } catch (thrown) {
      note(parts, call, course, nowMs() - startedMs, asPlatformError(thrown).code);
      throw thrown;
    }
  };
}

/** What a job's output is when its run has thrown. */
export function runFailure(thrown: unknown): RunFailure {
  const { message, code } = asPlatformError(thrown);
  return { error: message, error_type: code, status: "error" };
}

async function run(takeTurn: TakeTurn, call: RunCall, signal: AbortSignal, course: Course): Promise<RunOutput> {
  const input = readRunInput(call.input);
  course.message = input.prompt;
  const turn = { ...turnOf(input), ...(call.sectors === undefined ? {} : { sectors: call.sectors }) };
  for await (const event of takeTurn(turn, signal)) {
    if (event.type === "opening") course.opening = event.opening;
    else if (event.type === "text-delta") call.onText?.(event.text);
    else course.result = event.result;
  }
  if (course.result === undefined) throw new Error("A turn ended without its end.");
  return outputOf(input, course.result);
}

function outputOf(input: RunInput, { response, routing, usage }: TurnResult): RunOutput {
  return {
    response,
    messages: [
      ...(input.messages ?? []),
      { role: "user", content: input.prompt },
      { role: "assistant", content: response },
    ],
    status: "success",
    sector: routing.sector,
    usage: renderUsage(usage),
  };
}

/** Counts the run; a turn that was opened leaves its row, too. @param errorType a code; undefined: it went well */
function note(parts: RunJobParts, call: RunCall, course: Course, totalMs: number, errorType?: string): void {
  const { requests, metrics, endpoint, nowIso } = parts;
  const { message, opening, result } = course;
  metrics.requestEnded({
    sector: opening?.routing.sector ?? "none",
    endpoint,
    method: "JOB",
    seconds: totalMs / 1000,
    ...(errorType === undefined ? {} : { errorType }),
  });
  if (opening === undefined) return;
  const { messageId, routing, adapter } = opening;
  requests.record(
    turnRow({
      id: call.id,
      at: nowIso(),
      endpoint,
      sessionId: null,
      messageId,
      userId: call.userId ?? null,
      message,
      routing,
      adapter,
      totalMs,
      outcome: errorType ?? "ok",
      ...(result === undefined ? {} : { answer: result }),
    }),
    { timings: result?.timings },
  );
}
