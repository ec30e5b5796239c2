import type { Disposal, Logger } from "../foundation/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Recognizer, Synthesizer, VoiceActivity } from "../speech/index.ts";
import { openRecognizer } from "./open-recognizer.ts";
import { openSynthesizer } from "./open-synthesizer.ts";

export interface Speech {
  readonly recognizer: Recognizer;
  readonly synthesizer: Synthesizer;
  readonly voiceActivity: VoiceActivity;
}

/** Ears and a mouth. Nothing of them is loaded before somebody speaks or wants to be spoken to. */
export function openSpeech(settings: Pick<Settings, "speech" | "model">, logger: Logger, disposal: Disposal): Speech {
  return {
    ...openRecognizer(settings, { logger, disposal }),
    synthesizer: openSynthesizer(settings, logger, disposal),
  };
}
