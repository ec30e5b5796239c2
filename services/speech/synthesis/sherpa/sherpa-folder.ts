import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SpeechSetupError } from "../../errors.ts";
import { createVoiceTable, type VoiceTable } from "../voice-table.ts";

/** The part of sherpa-onnx's `OfflineTtsConfig` that is used. */
export interface SherpaConfig {
  readonly model: {
    readonly vits: {
      readonly model: string;
      readonly tokens: string;
      readonly dataDir?: string;
      readonly lexicon?: string;
    };
    readonly numThreads: number;
    readonly provider: "cpu";
    readonly debug: false;
  };
  /** Sentences computed at one go. */
  readonly maxNumSentences: 1;
  /** Text rules, in the order of their names, with commas between. */
  readonly ruleFsts?: string;
}

export interface SherpaFolder {
  readonly config: SherpaConfig;
  /** Speakers by number. */
  readonly voices: VoiceTable;
  /** Hz, as the model's JSON has it; the model itself has the last word. */
  readonly sampleRate: number;
}

/** Piper's `<model>.onnx.json`, as far as it is used. */
interface PiperFacts {
  readonly audio?: { readonly sample_rate?: unknown };
  readonly num_speakers?: unknown;
  readonly speaker_id_map?: unknown;
}

const piperSampleRate = 22_050;
/** Voices offered of a model with many; more would drown the message that lists them. */
const maxVoices = 256;

/**
 * A folder as sherpa-onnx publishes Piper and VITS voices: one `.onnx`, `tokens.txt`, and where the model needs them
 * `espeak-ng-data/`, `lexicon.txt` and `*.fst`. Piper's `.onnx.json` beside the model names speakers and rate.
 * @throws {SpeechSetupError} it is not such a folder
 */
export function readSherpaFolder(folder: string, numThreads: number): SherpaFolder {
  const names = listFolder(folder);
  const models = names.filter((name) => name.endsWith(".onnx"));
  const model = models.length === 1 ? models[0] : models.find((name) => name === "model.onnx");
  if (model === undefined || !names.includes("tokens.txt")) throw notAVoice();
  const rules = names.filter((name) => name.endsWith(".fst")).map((name) => join(folder, name));
  const facts = readFacts(join(folder, `${model}.json`));
  const rate = facts.audio?.sample_rate;
  return {
    config: {
      model: {
        vits: {
          model: join(folder, model),
          tokens: join(folder, "tokens.txt"),
          ...(names.includes("espeak-ng-data") ? { dataDir: join(folder, "espeak-ng-data") } : {}),
          ...(names.includes("lexicon.txt") ? { lexicon: join(folder, "lexicon.txt") } : {}),
        },
        numThreads,
        provider: "cpu",
        debug: false,
      },
      maxNumSentences: 1,
      ...(rules.length === 0 ? {} : { ruleFsts: rules.join(",") }),
    },
    voices: createVoiceTable(speakersOf(facts, model.replace(/\.onnx$/, ""))),
    sampleRate: typeof rate === "number" && rate > 0 ? rate : piperSampleRate,
  };
}

function listFolder(folder: string): readonly string[] {
  try {
    return folder === "" ? [] : readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readFacts(path: string): PiperFacts {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PiperFacts;
  } catch (cause) {
    throw notAVoice(cause);
  }
}

/** By name where the model names its speakers, else by number; a single one is called as its model. */
function speakersOf({ speaker_id_map: map, num_speakers: count }: PiperFacts, model: string) {
  const named = Object.entries((map ?? {}) as Record<string, unknown>)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .sort(([, one], [, other]) => one - other)
    .map(([name, id]) => ({ name, id: String(id) }));
  if (named.length > 0) return named.slice(0, maxVoices);
  if (typeof count !== "number" || count <= 1) return [{ name: model, id: "0" }];
  return Array.from({ length: Math.min(count, maxVoices) }, (_, id) => ({ name: String(id), id: String(id) }));
}

function notAVoice(cause?: unknown): SpeechSetupError {
  return new SpeechSetupError(
    {
      en: "speech.synthesizer.model is not a folder with a Piper or VITS voice: one .onnx file and tokens.txt.",
      tr: "speech.synthesizer.model, Piper ya da VITS sesi içeren bir klasör değil: bir .onnx dosyası ve tokens.txt gerekir.",
    },
    cause,
  );
}
