import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Seconds; dense around what a caller waits for. Few: each is a series for every stage. */
const latencyBuckets = [0.2, 0.3, 0.5, 0.75, 1, 1.5, 5];
/** Shares; dense where good speech lies. */
const shareBuckets = [0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];

/** What is done with audio. */
export type AudioProcessing = "recognition" | "synthesis";

/** How a spoken turn ended; `unanswered`: nothing was said, or nobody wanted a reply. */
export type VoiceOutcome = "completed" | "interrupted" | "cancelled" | "failed" | "unanswered";

/**
 * Stages of a spoken turn. From the end of what was said: the `silence` that was waited for, the final `transcript`, the sector (`routed`),
 * `first_token`, `first_audio`. From its beginning: `first_partial`. From the first sound of an `interruption`: the last byte that was sent.
 */
export const voiceStages = [
  "silence",
  "transcript",
  "routed",
  "first_token",
  "first_audio",
  "first_partial",
  "interruption",
] as const;
export type VoiceStage = (typeof voiceStages)[number];

/** One turn's figures; absent or undefined: it did not happen. */
export interface VoiceTurnFigures {
  readonly outcome: VoiceOutcome;
  readonly stagesS: Readonly<Partial<Record<VoiceStage, number>>>;
  /** Partial transcripts. */
  readonly partials: number;
  /** Audio of the reply, as it was sent. */
  readonly sentBytes: number;
  /** Time taken per second of audio. */
  readonly recognizerRtf: number | undefined;
  readonly synthesizerRtf: number | undefined;
  /** Client events that waited when the turn began. */
  readonly queueDepth: number | undefined;
}

export interface VoiceMetrics {
  connected(): void;
  disconnected(): void;
  audioProcessed(type: AudioProcessing, seconds: number): void;
  /** @param confidence the recogniser's, 0–1 */
  recognized(confidence: number): void;
  /** What was spoken was heard again. Both 0–1: the share of its letters that came back, and of its words. */
  spokenHeard(letters: number, words: number): void;
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
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const accuracies = new Histogram({
    name: "turkish_ai_stt_accuracy",
    help: "0-1. confidence: the recogniser's own, of each final transcript. reference: 1 - word error rate, of samples of our own speech, whose text is known.",
    labelNames: ["source"],
    buckets: shareBuckets,
    registers,
  });
  const quality = new Histogram({
    name: "turkish_ai_tts_quality_score",
    help: "Share of a spoken text's letters that the recogniser hears back (1 - character error rate), measured on a sample.",
    buckets: shareBuckets,
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
    help: "Stages of a spoken turn: silence waited for, transcript, routed, first_token and first_audio after the end of speech, first_partial after its beginning, interruption until the last byte.",
    labelNames: ["stage"],
    buckets: latencyBuckets,
    registers,
  });
  const partialTranscripts = new Counter({
    name: "sektor_voice_partials_total",
    help: "Partial transcripts of spoken turns.",
    registers,
  });
  const sent = new Counter({
    name: "sektor_voice_sent_bytes_total",
    help: "Audio of spoken replies, as it was sent.",
    registers,
  });
  const factors = new Histogram({
    name: "sektor_voice_real_time_factor",
    help: "Time that a turn's recognition, and its synthesis, took per second of audio, waiting included.",
    labelNames: ["processing_type"],
    buckets: [0.02, 0.05, 0.25, 1],
    registers,
  });
  const queue = new Histogram({
    name: "sektor_voice_queue_depth",
    help: "Client events that waited in a session when a turn's speech had ended.",
    buckets: [0, 10, 100],
    registers,
  });
  return {
    connected: () => connections.inc(),
    disconnected: () => connections.dec(),
    audioProcessed: (type, seconds) => processing.observe({ processing_type: type }, seconds),
    recognized: (confidence) => accuracies.observe({ source: "confidence" }, confidence),
    spokenHeard: (letters, words) => {
      quality.observe(letters);
      accuracies.observe({ source: "reference" }, words);
    },
    turnEnded: ({ outcome, stagesS, partials, sentBytes, recognizerRtf, synthesizerRtf, queueDepth }) => {
      turns.inc({ outcome });
      for (const stage of voiceStages) {
        const seconds = stagesS[stage];
        if (seconds !== undefined) stages.observe({ stage }, seconds);
      }
      partialTranscripts.inc(partials);
      sent.inc(sentBytes);
      if (recognizerRtf !== undefined) factors.observe({ processing_type: "recognition" }, recognizerRtf);
      if (synthesizerRtf !== undefined) factors.observe({ processing_type: "synthesis" }, synthesizerRtf);
      if (queueDepth !== undefined) queue.observe(queueDepth);
    },
  };
}
