import { carrySpan } from "../../foundation/index.ts";
import { answererValues, type Tracing, type VoiceOutcome } from "../../observability/index.ts";
import type { TurnMetrics } from "../events/index.ts";
import type { AnswerOpening } from "./answer.ts";
import type { UtteranceFacts } from "./turn-timer.ts";

/** One spoken turn in the traces, from the end of what was said to the end of what was answered. */
export interface TurnTrace {
  opened(opening: AnswerOpening): void;
  /** @param outcome `ok`, `interrupted`, or the code of an error */
  ended(how: VoiceOutcome, outcome: string, metrics: TurnMetrics): void;
}

const untraced: TurnTrace = { opened: () => {}, ended: () => {} };

/**
 * @param facts undefined: the turn answers no speech
 * @param signal of the turn; carries the trace on
 */
export function startTurnTrace(
  tracing: Tracing | undefined,
  facts: UtteranceFacts | undefined,
  signal: AbortSignal,
  nowMs: () => number,
): TurnTrace {
  if (tracing === undefined) return untraced;
  const startMs = facts?.endedAt ?? nowMs();
  const span = tracing.begin({ name: "voice turn", startMs });
  carrySpan(span, signal);
  if (!span.kept) return untraced;
  if (facts !== undefined) {
    const hearing = span.child("listen", { startMs });
    hearing.note({ "sektor.speech_ms": Math.round(facts.speechMs), "sektor.partials": facts.partials });
    hearing.end(undefined, facts.transcribedAt);
  }
  return {
    opened: ({ routing, adapter }) => span.note(answererValues(routing, adapter)),
    ended: (how, outcome, { first_audio_ms: firstAudioMs, audio_ms: audioMs }) => {
      span.note({ "sektor.outcome": how, ...(audioMs === null ? {} : { "sektor.audio_ms": audioMs }) });
      if (firstAudioMs !== null) {
        const speaking = span.child("speak", { startMs: startMs + firstAudioMs });
        speaking.end(undefined, nowMs());
      }
      span.end(how === "failed" ? outcome : undefined, nowMs());
    },
  };
}
