import { readFileSync } from "node:fs";
import { createLogger } from "../../services/observability/index.ts";
import { voiceModelPath } from "../../services/speech/activity/voice-model.ts";
import { InferenceHost } from "../../services/speech/worker/inference-host.ts";

/** "kargom nerede kaldı öğrenebilir miyim", 3 s of synthetic speech, 16 kHz. */
export function recordedQuestion(): Float32Array {
  const wav = readFileSync(new URL("../fixtures/speech/kargom-nerede.wav", import.meta.url));
  const samples = new Float32Array((wav.length - 44) >> 1);
  for (let at = 0; at < samples.length; at++) samples[at] = wav.readInt16LE(44 + 2 * at) / 32_768;
  return samples;
}

/** The inference worker with the models that come with the platform. */
export function openInferenceHost(): InferenceHost {
  return new InferenceHost({
    voiceModel: voiceModelPath(),
    ctc: {
      model: "models/speech/tr-ctc-v1.onnx",
      tokens: "models/speech/tokens.txt",
      languageModel: "models/speech/tr-lm-v1.bin",
    },
    threads: 1,
    timeoutMs: 30_000,
    logger: createLogger("test", "silent"),
  });
}
