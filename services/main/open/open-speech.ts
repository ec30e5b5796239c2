import type { Disposal, Logger } from "../../foundation/index.ts";
import type { VoiceMetrics } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";
import {
  createHearAgain,
  measuredSynthesizer,
  type RecognitionFacts,
  type Recognizer,
  type Synthesizer,
  type VoiceActivity,
} from "../../speech/index.ts";
import { openRecognizer } from "./open-recognizer.ts";
import { openSynthesizer } from "./open-synthesizer.ts";

export interface Speech {
  readonly recognizer: Recognizer;
  readonly synthesizer: Synthesizer;
  readonly voiceActivity: VoiceActivity;
}

export interface OpenSpeechParts {
  readonly logger: Logger;
  readonly metrics: Pick<VoiceMetrics, "audioProcessed" | "recognized" | "spokenHeard">;
  readonly disposal: Disposal;
}

/**
 * Ears and a mouth. Nothing of them is loaded before somebody speaks or wants to be spoken to. What they do is counted here, whoever asked:
 * a spoken session or a route.
 */
export function openSpeech(
  settings: Pick<Settings, "speech" | "model">,
  { logger, metrics, disposal }: OpenSpeechParts,
): Speech {
  const onRecognized = ({ seconds, confidence, partial }: RecognitionFacts): void => {
    // Partial transcripts are guesses at what is not said yet; and nothing waits for what hears our own speech.
    if (partial) return;
    metrics.audioProcessed("recognition", seconds);
    if (confidence !== undefined) metrics.recognized(confidence);
  };
  const ears = openRecognizer(settings, { logger, disposal, onRecognized });
  const { recognizer, qualitySample } = settings.speech;
  const synthesizer = measuredSynthesizer(openSynthesizer(settings, logger, disposal), {
    nowMs: () => performance.now(),
    onSpoken: (seconds) => metrics.audioProcessed("synthesis", seconds),
    // Other recognisers cost somebody money, or the machine much time.
    sampleShare: recognizer.engine === "embedded" ? qualitySample : 0,
    chance: Math.random,
    onSample: createHearAgain(ears.recognizer, ({ letters, words }) => metrics.spokenHeard(letters, words)),
  });
  return { ...ears, synthesizer };
}
