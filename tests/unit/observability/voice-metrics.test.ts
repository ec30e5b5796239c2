import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { registerVoiceMetrics } from "../../../services/observability/index.ts";

describe("the numbers of spoken sessions", () => {
  it("count open sessions, processed audio, confidences and stages of turns", async () => {
    const registry = new Registry();
    const metrics = registerVoiceMetrics(registry);
    metrics.connected();
    metrics.connected();
    metrics.disconnected();
    metrics.audioProcessed("recognition", 0.02);
    metrics.recognized(0.8);
    metrics.spokenHeard(0.96, 0.75);
    metrics.turnEnded({
      outcome: "interrupted",
      firstAudioS: 0.7,
      transcriptS: 0.52,
      firstPartialS: undefined,
      interruptionS: 0.18,
    });
    const lines = (await registry.metrics()).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "turkish_ai_websocket_connections 1",
        'turkish_ai_audio_processing_duration_seconds_count{processing_type="recognition"} 1',
        'turkish_ai_stt_accuracy_sum{source="confidence"} 0.8',
        'turkish_ai_stt_accuracy_sum{source="reference"} 0.75',
        "turkish_ai_tts_quality_score_sum 0.96",
        'sektor_voice_turns_total{outcome="interrupted"} 1',
        'sektor_voice_turn_seconds_sum{stage="first_audio"} 0.7',
        'sektor_voice_turn_seconds_sum{stage="interruption"} 0.18',
      ]),
    );
    expect(lines.some((line) => line.includes('stage="first_partial"'))).toBe(false);
  });
});
