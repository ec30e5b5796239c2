import type { VoiceMetrics, VoiceOutcome, VoiceStage, VoiceTurnFigures } from "../../observability/index.ts";
import type { TurnMetrics } from "../events/index.ts";

/** What an utterance took, before anything answers it. Times are the session's clock's, ms. */
export interface UtteranceFacts {
  readonly speechMs: number;
  readonly silenceMs: number;
  /** When the last frame of speech was heard. */
  readonly endedAt: number;
  readonly partials: number;
  /** After the beginning of speech. */
  readonly firstPartialMs: number | undefined;
  readonly transcribedAt: number;
  readonly recognizedMs: number;
  /** 0–1; null: the recogniser tells none. */
  readonly confidence: number | null;
  readonly queueDepth: number;
}

/** The stopwatch of one turn. */
export interface TurnTimer {
  routed(): void;
  token(): void;
  audio(bytes: number, ms: number): void;
  /** @param onsetAt when the speech that interrupted began */
  interrupted(onsetAt: number): void;
  end(outcome: VoiceOutcome, made: MadeAudio): TurnMetrics;
}

/** Time taken to make audio, and its length, ms. */
export interface MadeAudio {
  readonly tookMs: number;
  readonly audioMs: number;
}

export const nothingMade: MadeAudio = { tookMs: 0, audioMs: 0 };

/** @param facts undefined: the turn answers no speech; its times count from now */
export function startTurnTimer(
  facts: UtteranceFacts | undefined,
  nowMs: () => number,
  metrics: VoiceMetrics,
): TurnTimer {
  const from = facts?.endedAt ?? nowMs();
  const marks = new Map<"routed" | "token" | "audio" | "last", number>();
  let bytes = 0;
  let audioMs = 0;
  let interruptedMs: number | null = null;

  const mark = (name: "routed" | "token" | "audio"): void => {
    if (!marks.has(name)) marks.set(name, nowMs());
  };
  const since = (name: "routed" | "token" | "audio"): number | null => {
    const at = marks.get(name);
    return at === undefined ? null : rounded(at - from);
  };
  return {
    routed: () => mark("routed"),
    token: () => mark("token"),
    audio: (sentBytes, sentMs) => {
      mark("audio");
      marks.set("last", nowMs());
      bytes += sentBytes;
      audioMs += sentMs;
    },
    interrupted: (onsetAt) => {
      interruptedMs = rounded(Math.max(0, (marks.get("last") ?? onsetAt) - onsetAt));
    },
    end: (outcome, made) => {
      const heard = facts === undefined ? undefined : heardFigures(facts);
      const turn: TurnMetrics = {
        ...(heard ?? noFigures),
        routed_ms: since("routed"),
        first_token_ms: since("token"),
        first_audio_ms: since("audio"),
        audio_bytes: bytes,
        audio_ms: Math.round(audioMs),
        interrupted_ms: interruptedMs,
        synthesizer_rtf: made.audioMs === 0 ? null : rounded(made.tookMs / made.audioMs, 4),
      };
      metrics.turnEnded({
        outcome,
        stagesS: stagesOf(turn),
        partials: turn.partials,
        sentBytes: bytes,
        recognizerRtf: turn.recognizer_rtf ?? undefined,
        synthesizerRtf: turn.synthesizer_rtf ?? undefined,
        queueDepth: facts?.queueDepth,
      });
      return turn;
    },
  };
}

/** What happened of a turn, s. */
function stagesOf(turn: TurnMetrics): VoiceTurnFigures["stagesS"] {
  const times: Readonly<Record<VoiceStage, number | null>> = {
    silence: turn.silence_ms,
    transcript: turn.transcript_ms,
    routed: turn.routed_ms,
    first_token: turn.first_token_ms,
    first_audio: turn.first_audio_ms,
    first_partial: turn.first_partial_ms,
    interruption: turn.interrupted_ms,
  };
  return Object.fromEntries(Object.entries(times).flatMap(([stage, ms]) => (ms === null ? [] : [[stage, ms / 1000]])));
}

const noFigures = {
  speech_ms: null,
  silence_ms: null,
  partials: 0,
  first_partial_ms: null,
  transcript_ms: null,
  confidence: null,
  recognizer_rtf: null,
  queue_depth: 0,
} as const;

function heardFigures(facts: UtteranceFacts) {
  return {
    speech_ms: Math.round(facts.speechMs),
    silence_ms: Math.round(facts.silenceMs),
    partials: facts.partials,
    first_partial_ms: facts.firstPartialMs === undefined ? null : rounded(facts.firstPartialMs),
    transcript_ms: rounded(facts.transcribedAt - facts.endedAt),
    confidence: facts.confidence === null ? null : rounded(facts.confidence, 3),
    recognizer_rtf: facts.speechMs === 0 ? null : rounded(facts.recognizedMs / facts.speechMs, 4),
    queue_depth: facts.queueDepth,
  };
}

function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
