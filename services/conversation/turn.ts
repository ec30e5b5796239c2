import type { FinishReason, SamplingParameters, Timings, ToolCall, Usage } from "../inference/index.ts";
import type { Passage } from "../retrieval/index.ts";

/**
 * The sector's documents: their passages join the prompt (`use`, the default) or not (`ignore`); `only` answers from documents or not at
 * all, searches every sector's where no sector is known, and says so when they hold nothing.
 */
export type KnowledgeUse = "use" | "ignore" | "only";

/** One message of a conversation that the caller keeps. */
export interface PastUtterance {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface TurnRequest {
  readonly message: string;
  /** Undefined: a new session. */
  readonly sessionId?: string;
  /** What was said before, oldest first, by callers that keep their conversation themselves. Not looked at where a session is kept. */
  readonly history?: readonly PastUtterance[];
  /** Stands in the place of the sector's. */
  readonly systemPrompt?: string;
  /** Id of the key that asks, null: none. To another key than its own a session is not there. */
  readonly owner?: string | null;
  readonly userId?: string;
  /** Sectors the caller may use; absent: all. */
  readonly sectors?: readonly string[];
  /** Forces the sector; the router is not asked. */
  readonly sector?: string;
  readonly maxTokens?: number;
  readonly sampling?: SamplingParameters;
  readonly knowledge?: KnowledgeUse;
  /** Most passages to find and report; default: as many as may join the prompt. */
  readonly passages?: number;
  /** True: nothing of the turn is kept in the session. */
  readonly forget?: boolean;
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
  /** The conversation's sector before, where it is another now. */
  readonly switchedFrom?: string;
}

export interface ChosenAdapter {
  /** `name@version` */
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** A passage that stands in the prompt, in the prompt's order: the first is `[1]`. */
export interface TurnSource extends Passage {
  /** The reply, as far as it has come, holds its `[n]`. */
  readonly cited: boolean;
}

/** What is known before the first word. */
export interface TurnOpening {
  readonly sessionId: string;
  readonly messageId: string;
  readonly routing: TurnRouting;
  /** Null: the loaded base has no adapter for the sector, or there is no sector. */
  readonly adapter: ChosenAdapter | null;
  readonly sources: readonly TurnSource[];
  /** All that was found, best first; it begins with the sources. */
  readonly found: readonly Passage[];
}

export interface TurnResult extends TurnOpening {
  readonly response: string;
  /** Whether the session holds the turn: not where it was to be forgotten, nor where a new session could not be kept. */
  readonly kept: boolean;
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
