import { Disposal } from "../../services/foundation/index.ts";
import { openRecognizer } from "../../services/main/open/open-recognizer.ts";
import { createLogger } from "../../services/observability/index.ts";
import { loadSettings } from "../../services/settings/index.ts";
import { voiceModelPath } from "../../services/speech/activity/voice-model.ts";
import { voiceFrameSamples } from "../../services/speech/index.ts";
import { loadSilero, SileroStream } from "../../services/speech/worker/silero.ts";

const warmUp = 50;
const rounds = 5;

export interface VoiceFrameTimes {
  /** As a session asks for a frame: the way to the inference worker and back included, ms each. */
  readonly asked: readonly number[];
  /** The model alone, in the thread that asks, ms each. */
  readonly model: readonly number[];
}

/** Voice activity frame by frame, both ways in turn. */
export async function voiceFrameTimes(frames: number): Promise<VoiceFrameTimes> {
  const disposal = new Disposal();
  try {
    const settings = loadSettings("configs", {});
    const { voiceActivity } = openRecognizer(settings, { logger: createLogger("bench", "silent"), disposal });
    await voiceActivity.ready();
    const asked = disposal.own(voiceActivity.open(), (stream) => stream.close());
    const model = new SileroStream(await loadSilero(voiceModelPath(), settings.speech.threads));
    const times: { asked: number[]; model: number[] } = { asked: [], model: [] };
    for (let round = 0; round < rounds; round++) {
      times.asked.push(...(await timesOf(asked, frames / rounds)));
      times.model.push(...(await timesOf(model, frames / rounds)));
    }
    return times;
  } finally {
    await disposal.close();
  }
}

async function timesOf(stream: { feed(samples: Float32Array): Promise<Float32Array> }, frames: number) {
  const times: number[] = [];
  for (let frame = 0; frame < frames + warmUp; frame++) {
    // A voice-like buzz: the model's work does not depend on what it hears.
    const samples = Float32Array.from({ length: voiceFrameSamples }, (_, at) => 0.3 * Math.sin((at + frame) / 7));
    const startedAt = performance.now();
    await stream.feed(samples);
    if (frame >= warmUp) times.push(performance.now() - startedAt);
  }
  return times;
}
