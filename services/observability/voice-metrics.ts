import { Counter, Gauge, Histogram, type Registry, Summary } from "prom-client";

/** Seconds; dense around what a caller waits for. */
const latencyBuckets = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10, 30];

/** What is done with audio. */
export type AudioProcessing = "recognition" | "synthesis";

/** How a spoken turn ended; `unanswered`: nothing was said, or nobody wanted a reply. */
export type VoiceOutcome = "completed" | "interrupted" | "cancelled" | "failed" | "unanswered";

/** One turn's figures; seconds, undefined: it did not happen. */
export interface VoiceTurnFigures {
  readonly outcome: VoiceOutcome;
  /** From the end of what was said. */
  readonly firstAudioS: number | undefined;
  /** From the end of what was said. */
  readonly transcriptS: number | undefined;
  /** From the beginning of what was said. */
  readonly firstPartialS: number | undefined;
  /** From the first sound of an interruption to the last byte that was sent. */
  readonly interruptionS: number | undefined;
}

export interface VoiceMetrics {
  connected(): void;
  disconnected(): void;
  audioProcessed(type: AudioProcessing, seconds: number): void;
  /** @param confidence the recogniser's, 0–1 */
  recognized(confidence: number): void;
  turnEnded(figures: VoiceTurnFigures): void;
}

/** Numbers of the spoken sessions. */
export function registerVoiceMetrics(registry: Registry): VoiceMetrics {
  const registers = [registry];
  const connections = new Gauge({
    name: "turkish_ai_websocket_connections",
    help: "Spoken sessions that are open now.",
    registers,
  });
  const processing = new Histogram({
    name: "turkish_ai_audio_processing_duration_seconds",
    help: "Time to recognise an utterance, and to synthesise a reply.",
    labelNames: ["processing_type"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers,
  });
  const confidences = new Summary({
    name: "turkish_ai_stt_accuracy",
    help: "The recogniser's own confidence in what it understood, 0-1: not a measured accuracy.",
    percentiles: [0.1, 0.5, 0.9],
    maxAgeSeconds: 600,
    ageBuckets: 5,
    registers,
  });
  const turns = new Counter({
    name: "sektor_voice_turns_total",
    help: "Spoken turns by how they ended.",
    labelNames: ["outcome"],
    registers,
  });
  const stages = new Histogram({
    name: "sektor_voice_turn_seconds",
    help: "Stages of a spoken turn: transcript and first_audio after the end of speech, first_partial after its beginning, interruption until the last byte.",
    labelNames: ["stage"],
    buckets: latencyBuckets,
    registers,
  });
  return {
    connected: () => connections.inc(),
    disconnected: () => connections.dec(),
    audioProcessed: (type, seconds) => processing.observe({ processing_type: type }, seconds),
    recognized: (confidence) => confidences.observe(confidence),
    turnEnded: ({ outcome, firstAudioS, transcriptS, firstPartialS, interruptionS }) => {
      turns.inc({ outcome });
      const figures = {
        first_audio: firstAudioS,
        transcript: transcriptS,
        first_partial: firstPartialS,
        interruption: interruptionS,
      };
      for (const [stage, seconds] of Object.entries(figures))
        if (seconds !== undefined) stages.observe({ stage }, seconds);
    },
  };
}
