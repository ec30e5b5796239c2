import type { FastifyReply, FastifyRequest } from "fastify";
import type { ChosenAdapter, TurnEvent, TurnRequest, TurnRouting } from "../conversation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import type { Timings, Usage } from "../inference/index.ts";
import type { RequestLog } from "../records/index.ts";

/** What is known when a turn's sector and adapter are. */
export interface RecordOpening {
  readonly sessionId: string | null;
  readonly messageId: string | null;
  readonly userId: string | null;
  readonly message: string | null;
  readonly routing: TurnRouting;
  readonly adapter: ChosenAdapter | null;
}

/** A row in the making; the first of the two calls counts. */
export interface OpenRecord {
  answered(reply: string, usage: Usage, timings: Pick<Timings, "queue_ms" | "prompt_ms" | "predicted_ms">): void;
  /** @param thrown undefined: the client left */
  failed(thrown: unknown): void;
}

const nothing: Usage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
const noTime = { queue_ms: 0, prompt_ms: 0, predicted_ms: 0 };

/** Begins the row of one request. */
export function openRecord(
  requests: RequestLog,
  { id, routeOptions }: FastifyRequest,
  reply: FastifyReply,
  { routing, adapter, ...facts }: RecordOpening,
): OpenRecord {
  let done = false;
  const record = (outcome: string, text: string | null, usage: Usage, timings: typeof noTime): void => {
    if (done) return;
    done = true;
    requests.record({
      ...facts,
      ...usage,
      id,
      at: new Date().toISOString(),
      endpoint: routeOptions.url ?? "unknown",
      sector: routing.sector,
      confidence: routing.confidence,
      routedBy: routing.routedBy,
      adapter: adapter?.id ?? null,
      queueMs: timings.queue_ms,
      promptMs: timings.prompt_ms,
      predictedMs: timings.predicted_ms,
      totalMs: reply.elapsedTime,
      outcome,
      reply: text,
    });
  };
  return {
    answered: (text, usage, timings) => record("ok", text, usage, timings),
    failed: (thrown) =>
      record(thrown === undefined ? "request_aborted" : asPlatformError(thrown).code, null, nothing, noTime),
  };
}

/** A turn's events as they come, leaving a row when the turn has ended, one way or the other. */
export async function* recordedTurn(
  events: AsyncIterable<TurnEvent>,
  turn: TurnRequest,
  open: (opening: RecordOpening) => OpenRecord,
): AsyncGenerator<TurnEvent> {
  let record: OpenRecord | undefined;
  try {
    for await (const event of events) {
      if (event.type === "opening") {
        const { sessionId, messageId, routing, adapter } = event.opening;
        record = open({
          sessionId: turn.forget === true ? null : sessionId,
          messageId,
          userId: turn.userId ?? null,
          message: turn.message,
          routing,
          adapter,
        });
      }
      if (event.type === "end") record?.answered(event.result.response, event.result.usage, event.result.timings);
      yield event;
    }
  } catch (thrown) {
    record?.failed(thrown);
    throw thrown;
  } finally {
    record?.failed(undefined);
  }
}
