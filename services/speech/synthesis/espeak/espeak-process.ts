/**
 * The process that speaks with espeak-ng, a program of its own under GPL-3.0: the only place that loads the optional package.
 * Argument: another name for the package.
 */
import { loadPackage } from "../process/load-package.ts";
import { servePieces } from "../process/serve-pieces.ts";
import { escapeForEspeak, espeakParameters } from "./espeak-parameters.ts";

/** As far as it is used. */
interface EspeakModule {
  eSpeakNGWorker: new () => EspeakWorker | Promise<EspeakWorker>;
}
interface EspeakWorker {
  readonly samplerate: number;
  /** @returns 0 where there is such a voice; an unknown variant is taken for the plain voice */
  set_voice(name: string): number;
  set_rate(wordsPerMinute: number): void;
  set_pitch(pitch: number): void;
  set_volume(percent: number): void;
  /** Blocks; true from the callback ends it. */
  synthesize(text: string, callback: (samples: Int16Array | null) => boolean): void;
}

const packageName = process.argv[2] ?? "@echogarden/espeak-ng-emscripten";

await servePieces(async () => {
  const { default: load } = await loadPackage<{ default: () => Promise<EspeakModule> }>(packageName);
  const worker = await new (await load()).eSpeakNGWorker();
  let voiceInUse = "";
  return {
    sampleRate: worker.samplerate,
    speak(piece, emit) {
      if (piece.voice !== voiceInUse) {
        if (worker.set_voice(piece.voice) !== 0) throw new Error("espeak-ng does not have this voice.");
        voiceInUse = piece.voice;
      }
      const { rate, pitch, volume } = espeakParameters(piece);
      worker.set_rate(rate);
      worker.set_pitch(pitch);
      worker.set_volume(volume);
      worker.synthesize(escapeForEspeak(piece.text), (samples) => {
        // They lie in the engine's memory, which it writes over.
        if (samples !== null && samples.length > 0) emit(samples.slice());
        return false;
      });
    },
  };
});
