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
      stagesS: { silence: 0.5, transcript: 0.52, routed: 0.53, first_token: 0.6, first_audio: 0.7, interruption: 0.18 },
      partials: 3,
      sentBytes: 48_000,
      recognizerRtf: 0.01,
      synthesizerRtf: 0.03,
      queueDepth: 2,
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
        'sektor_voice_turn_seconds_sum{stage="silence"} 0.5',
        'sektor_voice_turn_seconds_sum{stage="routed"} 0.53',
        'sektor_voice_turn_seconds_sum{stage="first_token"} 0.6',
        'sektor_voice_turn_seconds_sum{stage="first_audio"} 0.7',
        'sektor_voice_turn_seconds_sum{stage="interruption"} 0.18',
        "sektor_voice_partials_total 3",
        "sektor_voice_sent_bytes_total 48000",
        'sektor_voice_real_time_factor_sum{processing_type="recognition"} 0.01',
        'sektor_voice_real_time_factor_sum{processing_type="synthesis"} 0.03',
        "sektor_voice_queue_depth_sum 2",
      ]),
    );
    expect(lines.some((line) => line.includes('stage="first_partial"'))).toBe(false);
  });

  it("leave out what did not happen: nothing was said, nothing was spoken", async () => {
    const registry = new Registry();
    registerVoiceMetrics(registry).turnEnded({
      outcome: "failed",
      stagesS: {},
      partials: 0,
      sentBytes: 0,
      recognizerRtf: undefined,
      synthesizerRtf: undefined,
      queueDepth: undefined,
    });
    const text = await registry.metrics();
    expect(text).toContain('sektor_voice_turns_total{outcome="failed"} 1');
    expect(text).toContain("sektor_voice_queue_depth_count 0");
    expect(text).not.toMatch(/^sektor_voice_(turn_seconds|real_time_factor)/m);
  });
});
