import type { Span } from "../foundation/index.ts";
import type { Timings, Usage } from "../inference/index.ts";
import { answererValues, usageValues } from "../observability/index.ts";
import type { RequestLog } from "../records/index.ts";
import type { ChosenAdapter, TurnEvent, TurnRequest, TurnRouting } from "./turn.ts";
import { type TurnRowFacts, turnRow } from "./turn-row.ts";

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
  /** A piece of the reply came. */
  spoke(): void;
  answered(reply: string, usage: Usage, timings: Pick<Timings, "queue_ms" | "prompt_ms" | "predicted_ms">): void;
  /** @param thrown undefined: the client left */
  failed(thrown: unknown): void;
}

/** The request that a row is of, as its transport knows it. */
export interface RecordedRequest {
  readonly id: string;
  readonly endpoint: string;
  readonly elapsedMs: () => number;
  /** The error's code, as the caller is told it. */
  readonly codeOf: (thrown: unknown) => string;
  /** Its step in a trace: what the row says of sector, adapter and tokens stands there too. */
  readonly span?: Span | undefined;
}

/** Begins the row of one request. */
export function openTurnRecord(
  requests: RequestLog,
  { id, endpoint, elapsedMs, codeOf, span }: RecordedRequest,
  opening: RecordOpening,
): OpenRecord {
  let done = false;
  let firstTextMs: number | undefined;
  if (span?.kept === true) span.note(answererValues(opening.routing, opening.adapter));
  const record = (outcome: string, answer?: TurnRowFacts["answer"]): void => {
    if (done) return;
    done = true;
    requests.record(
      turnRow({
        ...opening,
        ...(answer === undefined ? {} : { answer }),
        id,
        at: new Date().toISOString(),
        endpoint,
        totalMs: elapsedMs(),
        outcome,
      }),
      { firstTextMs, timings: answer?.timings },
    );
  };
  return {
    spoke: () => {
      firstTextMs ??= elapsedMs();
    },
    answered: (response, usage, timings) => {
      if (span?.kept === true) span.note(usageValues(usage));
      record("ok", { response, usage, timings });
    },
    failed: (thrown) => record(thrown === undefined ? "request_aborted" : codeOf(thrown)),
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
      if (event.type === "text-delta") record?.spoke();
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
