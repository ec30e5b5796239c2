import { Disposal } from "../../services/foundation/index.ts";
import { openRecognizer } from "../../services/main/open-recognizer.ts";
import { createLogger } from "../../services/observability/index.ts";
import { loadSettings } from "../../services/settings/index.ts";
import { voiceFrameSamples } from "../../services/speech/index.ts";

const warmUp = 50;

/** Voice activity as a session asks for it, frame by frame, the way to the inference worker and back included, ms each. */
export async function voiceFrameTimes(frames: number): Promise<readonly number[]> {
  const disposal = new Disposal();
  try {
    const settings = loadSettings("configs", {});
    const { voiceActivity } = openRecognizer(settings, { logger: createLogger("bench", "silent"), disposal });
    await voiceActivity.ready();
    const stream = voiceActivity.open();
    const times: number[] = [];
    for (let frame = 0; frame < frames + warmUp; frame++) {
      // A voice-like buzz: the model's work does not depend on what it hears.
      const samples = Float32Array.from({ length: voiceFrameSamples }, (_, at) => 0.3 * Math.sin((at + frame) / 7));
      const startedAt = performance.now();
      await stream.feed(samples);
      if (frame >= warmUp) times.push(performance.now() - startedAt);
    }
    stream.close();
    return times;
  } finally {
    await disposal.close();
  }
}
