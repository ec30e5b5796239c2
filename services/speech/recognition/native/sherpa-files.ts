import { SpeechSetupError } from "../../errors.ts";
import type { SherpaKind } from "./native-messages.ts";

/** The part of sherpa-onnx's `modelConfig` that depends on the folder; its names are sherpa-onnx's own. */
export type SherpaModel =
  | { readonly whisper: { readonly encoder: string; readonly decoder: string }; readonly tokens: string }
  | { readonly transducer: Transducer; readonly modelType: string; readonly tokens: string }
  | { readonly zipformerCtc: { readonly model: string }; readonly tokens: string }
  | { readonly nemoCtc: { readonly model: string }; readonly tokens: string }
  | { readonly omnilingual: { readonly model: string }; readonly tokens: string };

interface Transducer {
  readonly encoder: string;
  readonly decoder: string;
  readonly joiner: string;
}

/**
 * Which file of a model's folder is what, by the names sherpa-onnx's published models have: `encoder…onnx`, `decoder…onnx`,
 * `joiner…onnx`, `model…onnx` and `tokens.txt`, each perhaps behind a prefix such as `tiny-`. Of two, the int8 one is taken.
 * @param files names in the folder
 * @throws {SpeechSetupError} names what the folder lacks
 */
export function sherpaModel(kind: SherpaKind, files: readonly string[]): SherpaModel {
  const tokens = files.find((file) => /(^|-)tokens\.txt$/.test(file));
  if (tokens === undefined) throw lacking(kind, "tokens.txt");
  const encoder = onnx(files, "encoder");
  const decoder = onnx(files, "decoder");
  const joiner = onnx(files, "joiner");
  if (kind === "whisper") {
    if (encoder === undefined || decoder === undefined) throw lacking(kind, "*-encoder.onnx, *-decoder.onnx");
    return { whisper: { encoder, decoder }, tokens };
  }
  if (kind !== "omnilingual" && encoder !== undefined && decoder !== undefined && joiner !== undefined)
    return {
      transducer: { encoder, decoder, joiner },
      modelType: kind === "nemo" ? "nemo_transducer" : "transducer",
      tokens,
    };
  const model = onnx(files, "model") ?? onlyOnnx(files);
  if (model === undefined)
    throw lacking(kind, kind === "omnilingual" ? "model.onnx" : "model.onnx | encoder, decoder, joiner");
  if (kind === "zipformer") return { zipformerCtc: { model }, tokens };
  return kind === "nemo" ? { nemoCtc: { model }, tokens } : { omnilingual: { model }, tokens };
}

function onnx(files: readonly string[], role: string): string | undefined {
  const named = files.filter((file) => new RegExp(`(^|[-_.])${role}([-_.].*)?\\.onnx$`).test(file)).toSorted();
  return named.find((file) => /int8/.test(file)) ?? named[0];
}

function onlyOnnx(files: readonly string[]): string | undefined {
  const all = files.filter((file) => file.endsWith(".onnx"));
  return all.length === 1 ? all[0] : undefined;
}

function lacking(kind: SherpaKind, files: string): SpeechSetupError {
  return new SpeechSetupError({
    en: `The folder of SEKTOR_RECOGNIZER_MODEL lacks what a ${kind} model needs: ${files}.`,
    tr: `SEKTOR_RECOGNIZER_MODEL klasöründe bir ${kind} modeli için gerekenler yok: ${files}.`,
  });
}
