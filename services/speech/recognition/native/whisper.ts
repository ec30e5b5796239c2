import { createRequire } from "node:module";
import { floatToInt16 } from "../../audio/samples.ts";
import { SpeechSetupError } from "../../errors.ts";
import { recognizerSampleRate } from "../../recognizer.ts";
import type { NativeEngine, NativeStart } from "./native-messages.ts";
import { type WhisperSegment, whisperRecognition } from "./whisper-words.ts";

/**
 * The binary of `@fugood/whisper.node` for this machine, without the package around it: that one brings every platform and its GPU
 * libraries (266 MB), and a TypeScript loader prefers its sources, which do not find the binary.
 */
export const whisperPackage = `@fugood/node-whisper-${process.platform}-${process.arch}`;
/** The version that was tried with what is written here. */
const whisperVersion = "1.1.3";

/** The part of the binary that is used. */
interface WhisperModule {
  readonly WhisperContext: new (options: {
    filePath: string;
    useGpu: boolean;
  }) => WhisperContext | Promise<WhisperContext>;
}
interface WhisperContext {
  transcribeData(
    /** 16-bit samples, 16 kHz. */
    audio: ArrayBuffer,
    options: { language: string; maxThreads: number; prompt?: string; temperature: number; temperatureInc?: number },
  ): {
    readonly promise: Promise<{ segments: readonly WhisperSegment[] }>;
  };
}

/** whisper.cpp pads to 30 s anyway, but gives nothing for less than a second. */
const leastSamples = recognizerSampleRate * 1.1;

/** @throws {SpeechSetupError} the package is not installed, or the model is none of its */
export async function loadWhisper(start: NativeStart & { readonly engine: "whisper" }): Promise<NativeEngine> {
  const { WhisperContext } = whisperModule(start.package);
  const context = await openContext(WhisperContext, start.model);
  return {
    async recognize({ samples, language, prompt, partial }) {
      const audio = new Int16Array(Math.max(samples.length, leastSamples));
      audio.set(floatToInt16(samples));
      // Its `stop` is not used: it stops no computation, and leaves the promise open for ever, as a failure does (1.1.3, OnError). What hangs
      // so is ended with its process when its time is over.
      const { promise } = context.transcribeData(audio.buffer, {
        language,
        maxThreads: start.threads,
        temperature: 0,
        ...(prompt === "" ? {} : { prompt }),
        // While somebody still speaks, a doubtful passage is not tried again and again.
        ...(partial ? { temperatureInc: 0 } : {}),
      });
      const { segments } = await promise;
      return whisperRecognition(segments, (samples.length / recognizerSampleRate) * 1000);
    },
  };
}

async function openContext(Context: WhisperModule["WhisperContext"], filePath: string): Promise<WhisperContext> {
  try {
    return await new Context({ filePath, useGpu: true });
  } catch (failure) {
    throw new SpeechSetupError(modelRejected, failure);
  }
}

function whisperModule(name: string): WhisperModule {
  try {
    return createRequire(import.meta.url)(name) as WhisperModule;
  } catch (failure) {
    throw new SpeechSetupError(packageMissing, failure);
  }
}

const packageMissing = {
  en: `Whisper's package is missing or cannot be loaded: npm install --save-exact ${whisperPackage}@${whisperVersion}`,
  tr: `Whisper paketi kurulu değil ya da yüklenemiyor: npm install --save-exact ${whisperPackage}@${whisperVersion}`,
};
const modelRejected = {
  en: "SEKTOR_RECOGNIZER_MODEL is no ggml model that Whisper can read.",
  tr: "SEKTOR_RECOGNIZER_MODEL, Whisper'ın okuyabildiği bir ggml modeli değil.",
};
