import { join } from "node:path";
import { type JsonLine, readLines } from "../eval/json-lines.ts";

/** One utterance to recognise, as `training/speech/held_out_sets.py` lists it. */
export interface SpokenUtterance {
  /** Path of the WAV file. */
  readonly wav: string;
  /** What was said: lower case, no punctuation, numbers in words. */
  readonly text: string;
  /** `seen`, `unseen-VOICE`, either with a condition behind a slash, or `routing`. */
  readonly set: string;
  readonly voice: string;
  /** Only in `routing`: the message as it is written, and its sector. */
  readonly written?: string;
  readonly sector?: string;
}

/** @throws {EvalInputError} a line that is no utterance */
export function readSets(folder: string): SpokenUtterance[] {
  return readLines([join(folder, "sets.jsonl")], ({ value }: JsonLine) => {
    const { wav, text, set, voice, written, sector } = value;
    if (typeof wav !== "string" || typeof text !== "string" || typeof set !== "string" || typeof voice !== "string")
      return "an utterance has wav, text, set and voice";
    return {
      wav: join(folder, wav),
      text,
      set,
      voice,
      ...(typeof written === "string" && typeof sector === "string" ? { written, sector } : {}),
    };
  });
}
