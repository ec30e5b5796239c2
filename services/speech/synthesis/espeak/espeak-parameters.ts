import type { PieceRequest } from "../process/piece-messages.ts";

export interface EspeakParameters {
  /** Words a minute. */
  readonly rate: number;
  /** 0–99, 50 = the voice's own. */
  readonly pitch: number;
  /** Percent. */
  readonly volume: number;
}

/** Words a minute at speed 1: a little slower than espeak's own 175, whose Turkish is hasty. */
const ownRate = 165;
/** espeak-ng speaks no slower and no faster, whatever it is told. */
const rateLimits = { lowest: 80, highest: 450 };
/** Steps of espeak's pitch in an octave, measured above the middle. It reaches down to 0.75 and up to 1.7 times the voice's own. */
const pitchStepsPerOctave = 64;

/** Relative to the voice in espeak's own units, which reach less far than the promise's ranges: speed 0.48–2.7, pitch 0.75–1.7. */
export function espeakParameters({
  speed,
  pitch,
  volume,
}: Pick<PieceRequest, "speed" | "pitch" | "volume">): EspeakParameters {
  return {
    rate: clamp(ownRate * speed, rateLimits.lowest, rateLimits.highest),
    pitch: clamp(50 + pitchStepsPerOctave * Math.log2(pitch), 0, 99),
    volume: clamp(100 * volume, 0, 200),
  };
}

/**
 * Text as espeak is given it: its markup would be obeyed, a NUL would end it, and half a surrogate pair would be spelt out.
 */
export function escapeForEspeak(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Surrogate}]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.round(Math.min(highest, Math.max(lowest, value)));
}
