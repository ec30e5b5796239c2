import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SpeechSetupError } from "../../errors.ts";
import { recognizerSampleRate } from "../../recognizer.ts";
import type { NativeEngine, NativeStart } from "./native-messages.ts";
import { type SherpaModel, sherpaModel } from "./sherpa-files.ts";
import { type SherpaResult, sherpaRecognition } from "./sherpa-words.ts";

/** The part of `sherpa-onnx-node` that is used; the package brings no types. */
interface SherpaModule {
  readonly OfflineRecognizer: { createAsync(config: object): Promise<SherpaRecognizer> };
}
interface SherpaRecognizer {
  createStream(): { acceptWaveform(wave: { samples: Float32Array; sampleRate: number }): void };
  decodeAsync(stream: object): Promise<SherpaResult>;
  setConfig(config: object): void;
}

const usualLanguage = "tr";

/** @throws {SpeechSetupError} the package is not installed, or the folder holds no such model */
export async function loadSherpa(start: NativeStart & { readonly engine: "sherpa" }): Promise<NativeEngine> {
  const files = await readdir(start.folder).catch((failure: unknown) => {
    throw new SpeechSetupError(folderUnreadable, failure);
  });
  const model = inFolder(sherpaModel(start.kind, files), start.folder);
  const { OfflineRecognizer } = await sherpaModule();
  const configFor = (language: string): object => ({
    featConfig: { sampleRate: recognizerSampleRate, featureDim: 80 },
    modelConfig: {
      ...("whisper" in model ? { ...model, whisper: { ...model.whisper, language, task: "transcribe" } } : model),
      numThreads: start.threads,
      provider: "cpu",
      debug: 0,
    },
  });
  let spoken = usualLanguage;
  // A model it cannot use ends the process: what it says before that stands in the log.
  const recognizer = await OfflineRecognizer.createAsync(configFor(spoken));
  return {
    async recognize({ samples, language }) {
      if ("whisper" in model && language !== spoken) {
        recognizer.setConfig(configFor(language));
        spoken = language;
      }
      const stream = recognizer.createStream();
      stream.acceptWaveform({ samples, sampleRate: recognizerSampleRate });
      const result = await recognizer.decodeAsync(stream);
      return sherpaRecognition(result, (samples.length / recognizerSampleRate) * 1000);
    },
  };
}

/** Every file's name made a path. */
function inFolder(model: SherpaModel, folder: string): SherpaModel {
  const path = (_: string, value: unknown): unknown =>
    typeof value === "string" && /\.(onnx|txt)$/.test(value) ? join(folder, value) : value;
  return JSON.parse(JSON.stringify(model, path)) as SherpaModel;
}

async function sherpaModule(): Promise<SherpaModule> {
  // Typed as a plain string, so that the compiler looks for no types: the package has none.
  const name: string = "sherpa-onnx-node";
  try {
    const { default: loaded } = (await import(name)) as { default: SherpaModule };
    return loaded;
  } catch (failure) {
    throw new SpeechSetupError(packageMissing, failure);
  }
}

const packageMissing = {
  en: "The optional package sherpa-onnx-node is missing or cannot be loaded: run `npm ci` without --omit=optional.",
  tr: "İsteğe bağlı sherpa-onnx-node paketi kurulu değil ya da yüklenemiyor: `npm ci` komutunu --omit=optional olmadan çalıştırın.",
};
const folderUnreadable = {
  en: "SEKTOR_RECOGNIZER_MODEL is no folder that can be read.",
  tr: "SEKTOR_RECOGNIZER_MODEL, okunabilen bir klasör değil.",
};
