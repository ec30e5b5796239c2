import type { Timings, Usage } from "../inference/index.ts";
import type { RequestRow } from "../records/index.ts";
import { noTimings, noUsage } from "./no-answer.ts";
import type { ChosenAdapter, TurnRouting } from "./turn.ts";

/** What a turn was, for its row: the row's own facts, and what the others are made from. */
export interface TurnRowFacts
  extends Pick<
    RequestRow,
    "id" | "at" | "endpoint" | "sessionId" | "messageId" | "userId" | "totalMs" | "outcome" | "message"
  > {
  readonly routing: TurnRouting;
  readonly adapter: ChosenAdapter | null;
  /** Absent: there was no reply. */
  readonly answer?: {
    readonly response: string;
    readonly usage: Usage;
    readonly timings: Pick<Timings, "queue_ms" | "prompt_ms" | "predicted_ms">;
  };
}

/** The row of the request log that a turn leaves. */
export function turnRow({ routing, adapter, answer, ...facts }: TurnRowFacts): RequestRow {
  const timings = answer?.timings ?? noTimings;
  return {
    ...facts,
    ...(answer?.usage ?? noUsage),
    reply: answer?.response ?? null,
    sector: routing.sector,
    confidence: routing.confidence,
    routedBy: routing.routedBy,
    adapter: adapter?.id ?? null,
    queueMs: timings.queue_ms,
    promptMs: timings.prompt_ms,
    predictedMs: timings.predicted_ms,
  };
}
