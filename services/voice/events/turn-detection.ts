import type { Static } from "typebox";
import type { TurnDetectionShape } from "./session-shapes.ts";

interface Common {
  /** Whether the end of what is said begins a reply. */
  readonly create_response: boolean;
  /** Whether speech ends a reply that is being spoken. */
  readonly interrupt_response: boolean;
}

export interface ServerVad extends Common {
  readonly type: "server_vad";
  /** Probability of speech from which it is speech, 0–1. */
  readonly threshold: number;
  /** Kept from before the first frame of speech. */
  readonly prefix_padding_ms: number;
  /** Silence that ends what is said. */
  readonly silence_duration_ms: number;
  /** Silence after a reply after which we speak again; null: never. */
  readonly idle_timeout_ms: number | null;
}

export interface SemanticVad extends Common {
  readonly type: "semantic_vad";
  /** How soon silence after unfinished words ends a turn; `auto` is `medium`. */
  readonly eagerness: "low" | "medium" | "high" | "auto";
}

export type TurnDetection = ServerVad | SemanticVad;

/** What the settings say where a client does not. */
export interface TurnDetectionDefaults {
  readonly threshold: number;
  readonly prefixPaddingMs: number;
  readonly silenceMs: number;
}

/** What a patch asks for, over what there was of the same kind, over the defaults. */
export function turnDetection(
  asked: Static<typeof TurnDetectionShape> | null,
  before: TurnDetection | null,
  defaults: TurnDetectionDefaults,
): TurnDetection | null {
  if (asked === null) return null;
  const common = {
    create_response: asked.create_response ?? before?.create_response ?? true,
    interrupt_response: asked.interrupt_response ?? before?.interrupt_response ?? true,
  };
  if (asked.type === "semantic_vad") {
    const kept = before?.type === "semantic_vad" ? before.eagerness : "auto";
    return { type: "semantic_vad", eagerness: asked.eagerness ?? kept, ...common };
  }
  const kept = before?.type === "server_vad" ? before : undefined;
  return {
    type: "server_vad",
    threshold: asked.threshold ?? kept?.threshold ?? defaults.threshold,
    prefix_padding_ms: asked.prefix_padding_ms ?? kept?.prefix_padding_ms ?? defaults.prefixPaddingMs,
    silence_duration_ms: asked.silence_duration_ms ?? kept?.silence_duration_ms ?? defaults.silenceMs,
    idle_timeout_ms: asked.idle_timeout_ms === undefined ? (kept?.idle_timeout_ms ?? null) : asked.idle_timeout_ms,
    ...common,
  };
}
