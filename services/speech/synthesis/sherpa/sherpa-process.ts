/** The process that speaks with sherpa-onnx: a model that is no good ends this process only. Argument: the configuration as JSON. */
import { readFileSync } from "node:fs";
import { floatToInt16 } from "../../audio/samples.ts";
import { loadPackage } from "../process/load-package.ts";
import { servePieces } from "../process/serve-pieces.ts";
import { withVolume } from "../volume.ts";
import type { SherpaConfig } from "./sherpa-folder.ts";
import { charactersOf, sherpaText } from "./sherpa-text.ts";

/** As far as it is used. */
interface SherpaModule {
  OfflineTts: new (
    config: SherpaConfig,
  ) => {
    readonly sampleRate: number;
    generate(request: { text: string; sid: number; speed: number; enableExternalBuffer: boolean }): {
      readonly samples: Float32Array;
    };
  };
}

await servePieces(async () => {
  const { default: sherpa } = await loadPackage<{ default: SherpaModule }>("sherpa-onnx-node");
  const config = JSON.parse(process.argv[2] ?? "{}") as SherpaConfig;
  const { dataDir, lexicon, tokens } = config.model.vits;
  const byLetter = dataDir === undefined && lexicon === undefined;
  const characters = byLetter ? charactersOf(readFileSync(tokens, "utf8")) : undefined;
  const voice = new sherpa.OfflineTts(config);
  return {
    sampleRate: voice.sampleRate,
    speak(piece, emit) {
      const text = sherpaText(piece.text, characters);
      if (text === "") return;
      // Memory of the engine's own cannot be sent to another process.
      const request = { text, sid: Number(piece.voice), speed: piece.speed, enableExternalBuffer: false };
      emit(withVolume(floatToInt16(voice.generate(request).samples), piece.volume));
    },
  };
});
