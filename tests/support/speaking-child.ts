/**
 * A process that hums instead of speaking: 16 kHz, 10 ms a character, two pieces of samples for each piece of text.
 * Words in the text break it: `çök` ends it, `sus` keeps it silent for ever, `yavaş` for a moment, `bozuk` fails. Arguments: `refuse`, `end` or `wait` at the start.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SpeechSetupError } from "../../services/speech/errors.ts";
import { servePieces } from "../../services/speech/synthesis/process/serve-pieces.ts";

const sampleRate = 16_000;
const samplesPerCharacter = 160;

await servePieces(async () => {
  const [mood] = process.argv.slice(2);
  if (mood === "refuse") throw new SpeechSetupError({ en: "The voice is missing.", tr: "Ses eksik." });
  if (mood === "end") {
    process.stderr.write("the library says why\n");
    process.exit(7);
  }
  if (mood === "wait") await sleep(3_600_000);
  return {
    sampleRate,
    async speak({ text, speed, volume, voice }, emit) {
      if (text.includes("çök")) process.exit(3);
      if (text.includes("bozuk")) throw new Error(text);
      const hz = voice === "high" ? 440 : 220;
      const samples = new Int16Array(Math.round((text.length * samplesPerCharacter) / speed)).map(
        (_, at) => volume * 8000 * Math.sin((2 * Math.PI * hz * at) / sampleRate),
      );
      const half = samples.length >> 1;
      emit(samples.slice(0, half));
      if (text.includes("sus")) await sleep(3_600_000);
      if (text.includes("yavaş")) await sleep(100);
      emit(samples.slice(half));
    },
  };
});
