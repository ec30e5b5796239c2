import type { Disposal, Logger } from "../../foundation/index.ts";
import type { Settings } from "../../settings/index.ts";
import { SpeechSetupError, type Synthesizer } from "../../speech/index.ts";
import { createEspeakSynthesizer } from "../../speech/synthesis/espeak/espeak-synthesizer.ts";
import { HttpSynthesizer } from "../../speech/synthesis/http/http-synthesizer.ts";
import { createOffSynthesizer } from "../../speech/synthesis/off-synthesizer.ts";
import { createSherpaSynthesizer } from "../../speech/synthesis/sherpa/sherpa-synthesizer.ts";
import { withDefaults } from "../../speech/synthesis/with-defaults.ts";

/** The mouth the settings ask for. Nothing is started before its `ready` or its first utterance. */
export function openSynthesizer(
  { speech: { synthesizer, queueLimit, threads } }: Pick<Settings, "speech">,
  log: Logger,
  disposal: Disposal,
): Synthesizer {
  const { voice, speed } = synthesizer;
  const opened = disposal.own(createSynthesizer(), (keeper) => keeper[Symbol.asyncDispose]());
  return withDefaults(opened, { voice, speed });

  function createSynthesizer(): Synthesizer {
    const { engine, model, url, token, remoteModel, timeoutMs } = synthesizer;
    const common = { queueLimit, timeoutMs, log, nowMs: () => performance.now() };
    if (engine === "embedded") return createEspeakSynthesizer(common);
    if (engine === "sherpa") return createSherpaSynthesizer({ ...common, folder: model, threads });
    if (engine === "off") return createOffSynthesizer();
    if (url !== "") return new HttpSynthesizer({ url, token, model: remoteModel, voice, queueLimit, timeoutMs });
    const missing = new SpeechSetupError({
      en: "speech.synthesizer.engine is http, but speech.synthesizer.url names no server.",
      tr: "speech.synthesizer.engine http, ama speech.synthesizer.url bir sunucu göstermiyor.",
    });
    log.warn({ synthesizer: "http", detail: missing.message }, "synthesizer-unavailable");
    return createOffSynthesizer("http", missing);
  }
}
