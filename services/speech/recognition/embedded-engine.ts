import type { Logger } from "../../foundation/index.ts";
import type { InferenceHost } from "../worker/inference-host.ts";
import type { RecognitionEngine } from "./recognition-engine.ts";

/** The recogniser that comes with the platform, in the inference worker. Ending it leaves `host` to its owner. */
export function embeddedEngine(host: InferenceHost, logger: Logger): RecognitionEngine {
  let said = false;
  return {
    name: "embedded",
    partials: true,
    syntheticOnly: true,
    parallel: 1,
    async ready() {
      await host.load("ctc");
      if (said) return;
      said = true;
      logger.warn(
        {
          recognizer: "embedded",
          tr: "Gömülü tanıyıcı yalnızca sentetik sesle eğitildi; insan sesinde doğruluğu ölçülmedi.",
          en: "The embedded recogniser was trained on synthetic speech only; its accuracy on people was not measured.",
        },
        "recognizer-synthetic-only",
      );
    },
    recognize: (samples) => host.recognize(samples),
    async [Symbol.asyncDispose]() {},
  };
}
