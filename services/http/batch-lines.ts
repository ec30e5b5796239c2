import { randomUUID } from "node:crypto";
import Value from "typebox/value";
import type { LineAnswer, LineRequest, PreparedLine, PrepareLine } from "../batch/index.ts";
import { type ResolvedTarget, type TurnRowFacts, turnRow } from "../conversation/index.ts";
import {
  type CollectedReply,
  collectReply,
  renderChatCompletion,
  renderOpenAiError,
  sumUsage,
} from "../dialect/index.ts";
import { InvalidRequestError, withTimeout } from "../foundation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import type { Engine } from "../inference/index.ts";
import type { GatewayMetrics } from "../observability/index.ts";
import type { RequestLog, RequestRow } from "../records/index.ts";
import {
  type ChatGenerationParts,
  type CheckedChat,
  chatGeneration,
  chatTarget,
  checkedChat,
  withSeed,
} from "./openai-generation.ts";
import { GatewayChatRequest, renderTarget } from "./openai-target.ts";

export interface BatchLineParts extends ChatGenerationParts {
  readonly engine: Engine;
  readonly requests: RequestLog;
  readonly metrics: Pick<GatewayMetrics, "requestStarted" | "requestEnded">;
  readonly nowMs: () => number;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
  /** Longest reply to one line, ms. */
  readonly replyTimeoutMs: number;
}

/** What rows and metrics call the way in. */
const endpoint = "/v1/batches";

/**
 * A line of a batch is answered as `POST /v1/chat/completions` would have answered it, errors included; it is counted and leaves its row.
 * `stream` and `session_id` mean nothing here: an answer is whole, and a batch keeps no conversation.
 */
export function createPrepareLine(parts: BatchLineParts): PrepareLine {
  return async (request) => {
    try {
      const chat = checkedChat(readBody(request.body), parts.limits);
      const target = await chatTarget(parts, chat, request.owner.sectors);
      return {
        adapterId: target.adapter?.id ?? "",
        answer: (signal) => counted(parts, request, chat, target, signal),
      };
    } catch (thrown) {
      return refused(thrown);
    }
  };
}

/** @throws {InvalidRequestError} */
function readBody(body: object): GatewayChatRequest {
  if (Value.Check(GatewayChatRequest, body)) return body;
  const [fault] = Value.Errors(GatewayChatRequest, body);
  const param = (fault?.instancePath ?? "").slice(1).replaceAll("/", ".") || "body";
  throw new InvalidRequestError(`${param}: ${fault?.message ?? "is not valid"}`, { param });
}

function refused(thrown: unknown): PreparedLine {
  return { adapterId: "", answer: async () => failure(thrown) };
}

function failure(thrown: unknown): LineAnswer {
  const error = asPlatformError(thrown);
  const retry = error.status === 503 || error.status === 429 ? { retryAfterS: error.retryAfterS ?? 1 } : {};
  return { statusCode: error.status, body: renderOpenAiError(error), ...retry };
}

async function counted(
  parts: BatchLineParts,
  request: LineRequest,
  chat: CheckedChat,
  target: ResolvedTarget,
  signal: AbortSignal,
): Promise<LineAnswer> {
  const { metrics, nowMs, nowIso } = parts;
  const startedMs = nowMs();
  const id = `chatcmpl-${randomUUID()}`;
  metrics.requestStarted();
  let outcome = "ok";
  let replies: readonly CollectedReply[] = [];
  try {
    const limited = withTimeout(parts.replyTimeoutMs, signal);
    const { generate, sources } = await chatGeneration(parts, chat, target, undefined, limited);
    const count = chat.body.n ?? 1;
    const choices = Array.from({ length: count }, (_, at) => parts.engine.generate(withSeed(generate, at), limited));
    replies = await Promise.all(choices.map((events) => collectReply(events)));
    const identity = { id, model: target.modelId, created: Math.floor(Date.parse(nowIso()) / 1000) };
    const extra = { ...renderTarget(target), ...sources(replies[0]?.text ?? "") };
    return { statusCode: 200, body: renderChatCompletion(identity, replies, chat.body.logprobs === true, extra) };
  } catch (thrown) {
    outcome = asPlatformError(signal.aborted ? signal.reason : thrown).code;
    signal.throwIfAborted();
    return failure(thrown);
  } finally {
    const totalMs = nowMs() - startedMs;
    const failed = outcome === "ok" ? {} : { errorType: outcome };
    const sector = target.routing.sector ?? "none";
    metrics.requestEnded({ sector, endpoint, method: "JOB", seconds: totalMs / 1000, ...failed });
    const row = lineRow({ id, at: nowIso(), totalMs, outcome }, request, chat, target, replies);
    parts.requests.record(row, { timings: replies[0]?.timings });
  }
}

function lineRow(
  facts: Pick<TurnRowFacts, "id" | "at" | "totalMs" | "outcome">,
  { owner }: LineRequest,
  { body, utterances }: CheckedChat,
  { routing, adapter }: ResolvedTarget,
  replies: readonly CollectedReply[],
): RequestRow {
  const [first] = replies;
  const usage = sumUsage(replies.map((reply) => reply.usage));
  return turnRow({
    ...facts,
    endpoint,
    sessionId: null,
    messageId: facts.id,
    userId: owner.userId ?? body.user ?? null,
    message: utterances.at(-1) ?? null,
    routing,
    adapter,
    ...(first === undefined ? {} : { answer: { response: first.text, usage, timings: first.timings } }),
  });
}
