import { resolve } from "node:path";
import type { Disposal, Logger } from "../../foundation/index.ts";
import { createProgressBar, resolveModel } from "../../models/index.ts";
import type { Settings } from "../../settings/index.ts";
import { sileroActivity } from "../../speech/activity/silero-activity.ts";
import { voiceModelPath } from "../../speech/activity/voice-model.ts";
import { type Recognizer, SpeechSetupError, type VoiceActivity } from "../../speech/index.ts";
import { embeddedEngine } from "../../speech/recognition/embedded-engine.ts";
import { httpEngine } from "../../speech/recognition/http-engine.ts";
import { nativeEngine } from "../../speech/recognition/native/native-engine.ts";
import type { NativeStart } from "../../speech/recognition/native/native-messages.ts";
import { whisperPackage } from "../../speech/recognition/native/whisper.ts";
import { offRecognizer } from "../../speech/recognition/off-recognizer.ts";
import { queuedRecognizer, type RecognitionFacts } from "../../speech/recognition/queued-recognizer.ts";
import type { RecognitionEngine } from "../../speech/recognition/recognition-engine.ts";
import { InferenceHost } from "../../speech/worker/inference-host.ts";

export interface OpenedRecognizer {
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
}

export interface OpenRecognizerOptions {
  readonly logger: Logger;
  readonly disposal: Disposal;
  /** Called after every recognition, for metrics. */
  readonly onRecognized?: (facts: RecognitionFacts) => void;
  /** Where the embedded recogniser's files are. */
  readonly modelFolder?: string;
}

/** The ears the settings want. Nothing is loaded or started before somebody needs it. */
export function openRecognizer(
  settings: Pick<Settings, "speech" | "model">,
  { logger, disposal, onRecognized, modelFolder = resolve("models/speech") }: OpenRecognizerOptions,
): OpenedRecognizer {
  const { recognizer: chosen, threads, queueLimit } = settings.speech;
  const { timeoutMs } = chosen;
  const host = disposal.own(
    new InferenceHost({
      voiceModel: voiceModelPath(),
      ctc: {
        model: resolve(modelFolder, "tr-ctc-v1.onnx"),
        tokens: resolve(modelFolder, "tokens.txt"),
        languageModel: resolve(modelFolder, "tr-lm-v1.bin"),
      },
      threads,
      timeoutMs,
      logger,
    }),
    (opened) => opened[Symbol.asyncDispose](),
  );
  const voiceActivity = sileroActivity(host);
  if (chosen.engine === "off") return { recognizer: offRecognizer(), voiceActivity };
  const queue = {
    queueLimit,
    timeoutMs,
    ...(chosen.partials === "auto" ? {} : { partials: chosen.partials === "on" }),
    ...(onRecognized === undefined ? {} : { onRecognized }),
  };
  const recognizer = disposal.own(queuedRecognizer(openEngine(settings, host, logger), queue), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  return { recognizer, voiceActivity };
}

function openEngine(
  settings: Pick<Settings, "speech" | "model">,
  host: InferenceHost,
  logger: Logger,
): RecognitionEngine {
  const { recognizer, threads } = settings.speech;
  const { engine, timeoutMs, kind, model, url, token, remoteModel } = recognizer;
  switch (engine) {
    case "whisper": {
      const start = async (closing: AbortSignal): Promise<NativeStart> => {
        const path = await whisperModel(settings, closing);
        return { engine, model: path, threads, package: whisperPackage };
      };
      return nativeEngine({ name: engine, partials: false, start, timeoutMs, logger });
    }
    case "sherpa": {
      const start = async (): Promise<NativeStart> => {
        if (model === "") throw new SpeechSetupError(folderMissing);
        return { engine, folder: resolve(model), kind, threads };
      };
      return nativeEngine({ name: engine, partials: kind !== "whisper", start, timeoutMs, logger });
    }
    case "http":
      return httpEngine({ url, token, model: remoteModel, timeoutMs });
    default:
      return embeddedEngine(host, logger);
  }
}

/** The ggml file on this disk, downloaded first if need be. */
async function whisperModel(
  { speech: { recognizer }, model: { cacheFolder } }: Pick<Settings, "speech" | "model">,
  signal: AbortSignal,
): Promise<string> {
  if (recognizer.model === "") throw new SpeechSetupError(modelMissing);
  const bar = createProgressBar(process.stderr, { label: "Whisper" });
  try {
    const { path } = await resolveModel(recognizer.model, {
      cacheFolder,
      sha256: recognizer.sha256,
      format: "ggml",
      signal,
      onProgress: ({ receivedBytes, totalBytes }) => bar.update(receivedBytes, totalBytes),
    });
    return path;
  } catch (failure) {
    throw new SpeechSetupError(modelUnusable, failure);
  } finally {
    bar.stop();
  }
}

const modelMissing = {
  en: "Whisper has no model: set SEKTOR_RECOGNIZER_MODEL to a ggml file or its https address.",
  tr: "Whisper modeli verilmemiş: SEKTOR_RECOGNIZER_MODEL bir ggml dosyası ya da https adresi olmalı.",
};
const modelUnusable = {
  en: "Whisper's model cannot be had: check SEKTOR_RECOGNIZER_MODEL and SEKTOR_RECOGNIZER_SHA256; the log says why.",
  tr: "Whisper modeli alınamıyor: SEKTOR_RECOGNIZER_MODEL ve SEKTOR_RECOGNIZER_SHA256 değerlerini denetleyin; nedeni günlükte.",
};
const folderMissing = {
  en: "sherpa-onnx has no model: set SEKTOR_RECOGNIZER_MODEL to its folder.",
  tr: "sherpa-onnx modeli verilmemiş: SEKTOR_RECOGNIZER_MODEL modelin klasörü olmalı.",
};
