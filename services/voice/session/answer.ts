import type { PastUtterance, TurnOpening } from "../../conversation/index.ts";
import type { FinishReason, Timings, ToolCall, Usage } from "../../inference/index.ts";
import type { ConversationItem, FunctionTool, ToolChoice } from "../events/index.ts";

/** What a reply is to answer. */
export interface AnswerQuestion {
  /** What was said and not answered yet; "" where there is nothing but what the client made. */
  readonly message: string;
  /** What was said before, oldest first. */
  readonly history: readonly PastUtterance[];
  /** The conversation as the client sees it, what is to be answered included. */
  readonly items: readonly ConversationItem[];
  /** The stored conversation it belongs to; undefined: a new one. */
  readonly sessionId: string | undefined;
  readonly owner: string | null;
  readonly userId: string | undefined;
  /** Sectors the caller may use; undefined: all. */
  readonly sectors: readonly string[] | undefined;
  /** In the place of the sector's system prompt; "": the sector's. */
  readonly instructions: string;
  /** Forced; undefined: the router decides. */
  readonly sector: string | undefined;
  readonly maxTokens: number | undefined;
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice;
}

export type AnswerOpening = Omit<TurnOpening, "found">;

/** One `opening`, any number of `text-delta` and `tool-call`, one `end`. */
export type AnswerEvent =
  | { readonly type: "opening"; readonly opening: AnswerOpening }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "tool-call"; readonly call: ToolCall }
  | {
      readonly type: "end";
      readonly reason: FinishReason;
      readonly usage: Usage;
      readonly timings: Timings;
      /** With what the reply cites. */
      readonly sources: AnswerOpening["sources"];
    };

export type Answer = (question: AnswerQuestion, signal: AbortSignal) => AsyncIterable<AnswerEvent>;
