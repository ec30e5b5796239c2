import { RecognizerUnavailableError, SpeechSetupError } from "../errors.ts";
import type { Recognizer } from "../recognizer.ts";

/** No recogniser: everybody who asks is told how to get one. */
export function offRecognizer(): Recognizer {
  const refuse = async (): Promise<never> => {
    throw new RecognizerUnavailableError(
      new SpeechSetupError({
        en: "It is switched off: set SEKTOR_RECOGNIZER.",
        tr: "Kapalı: SEKTOR_RECOGNIZER ile açılır.",
      }),
    );
  };
  return {
    name: "off",
    partials: false,
    syntheticOnly: false,
    ready: refuse,
    recognize: refuse,
    async [Symbol.asyncDispose]() {},
  };
}
