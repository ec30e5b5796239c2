import type { FinishReason, SamplingParameters, Timings, ToolCall, Usage } from "../inference/index.ts";

export interface TurnRequest {
  readonly message: string;
  /** Undefined: a new session. */
  readonly sessionId?: string;
  readonly userId?: string;
  /** Forces the sector; the router is not asked. */
  readonly sector?: string;
  readonly maxTokens?: number;
  readonly sampling?: SamplingParameters;
}

/** Who decided: the caller, the router, the conversation so far, or nobody (base model). */
export type RoutedBy = "request" | "router" | "session" | "fallback";

export interface TurnRouting {
  /** Null: no sector; the base model answers. */
  readonly sector: string | null;
  /** 0–1; 1 when the caller decided. */
  readonly confidence: number;
  readonly routedBy: RoutedBy;
  /** The next best sectors, best first. */
  readonly alternatives: readonly { readonly sector: string; readonly confidence: number }[];
  /** Time of the decision, ms. */
  readonly ms: number;
}

export interface ChosenAdapter {
  /** `name@version` */
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** What is known before the first word. */
export interface TurnOpening {
  readonly sessionId: string;
  readonly messageId: string;
  readonly routing: TurnRouting;
  /** Null: the loaded base has no adapter for the sector, or there is no sector. */
  readonly adapter: ChosenAdapter | null;
}

export interface TurnResult extends TurnOpening {
  readonly response: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
}

/** Exactly one `opening`, any number of `text-delta`, exactly one `end`. */
export type TurnEvent =
  | { readonly type: "opening"; readonly opening: TurnOpening }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "end"; readonly result: TurnResult };

export type TakeTurn = (request: TurnRequest, signal: AbortSignal) => AsyncIterable<TurnEvent>;
