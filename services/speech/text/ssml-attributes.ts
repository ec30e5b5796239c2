import type { Prosody } from "./segment.ts";

/** An attribute's value is none SSML knows. */
export class SsmlValueError extends Error {
  readonly en: string;
  readonly tr: string;
  /** @param name of the attribute */
  constructor(name: string) {
    super(name);
    this.en = `the value of "${name}" is not allowed`;
    this.tr = `"${name}" değeri geçersiz`;
  }
}

const maxBreakMs = 10_000;
const breakStrengths = table({ none: 0, "x-weak": 100, weak: 250, medium: 500, strong: 750, "x-strong": 1000 });
const rates = table({ "x-slow": 0.5, slow: 0.75, medium: 1, default: 1, fast: 1.25, "x-fast": 1.75 });
const pitches = table({ "x-low": 0.7, low: 0.85, medium: 1, default: 1, high: 1.15, "x-high": 1.3 });
const volumes = table({ silent: 0, "x-soft": 0.25, soft: 0.5, medium: 1, default: 1, loud: 1.5, "x-loud": 2 });

/** `time` ("500ms", "1.5s", at most 10 s) counts more than `strength`; without both: 500 ms. */
export function breakMs(time: string | undefined, strength: string | undefined): number {
  if (time === undefined) return named(breakStrengths, "strength", strength ?? "medium");
  const [, amount, unit] = /^\+?(\d{1,6}(?:\.\d{1,6})?)(ms|s)$/u.exec(time) ?? [];
  if (amount === undefined) throw new SsmlValueError("time");
  return Math.min(Math.round(Number(amount) * (unit === "s" ? 1000 : 1)), maxBreakMs);
}

interface ProsodyAttributes {
  readonly rate: string | undefined;
  readonly pitch: string | undefined;
  readonly volume: string | undefined;
}

/** What is inside `prosody`, relative to what is around it, within the limits of a voice. */
export function withProsody(around: Prosody, attributes: ProsodyAttributes): Prosody {
  return {
    speed: clamp(around.speed * rate(attributes.rate), 0.25, 4),
    pitch: clamp(around.pitch * pitch(attributes.pitch), 0.5, 2),
    volume: clamp(around.volume * volume(attributes.volume), 0, 2),
  };
}

export function emphasized(around: Prosody, level: string | undefined): Prosody {
  switch (level ?? "moderate") {
    case "strong":
      return withProsody(around, { rate: "90%", pitch: "+5%", volume: "+2dB" });
    case "moderate":
      return withProsody(around, { rate: "95%", pitch: undefined, volume: "+1dB" });
    case "reduced":
      return withProsody(around, { rate: undefined, pitch: undefined, volume: "-2dB" });
    case "none":
      return around;
    default:
      throw new SsmlValueError("level");
  }
}

/** A name, a factor ("1.2", "120%") or a change ("+20%"). */
function rate(value: string | undefined): number {
  if (value === undefined) return 1;
  return changed(value) ?? factor(value) ?? named(rates, "rate", value);
}

/** A name, a change ("+10%", "+2st", "-1st") or a frequency, which no voice here can keep. */
function pitch(value: string | undefined): number {
  if (value === undefined || /^[+-]?\d{1,5}(?:\.\d{1,3})?Hz$/iu.test(value)) return 1;
  const semitones = /^[+-]\d{1,2}(?:\.\d{1,3})?(?=st$)/u.exec(value)?.[0];
  if (semitones !== undefined) return 2 ** (Number(semitones) / 12);
  return changed(value) ?? named(pitches, "pitch", value);
}

/** A name, a change ("+6dB", "-20%") or a loudness of 0–100. */
function volume(value: string | undefined): number {
  if (value === undefined) return 1;
  const decibels = /^[+-]\d{1,3}(?:\.\d{1,3})?(?=dB$)/u.exec(value)?.[0];
  if (decibels !== undefined) return 10 ** (Number(decibels) / 20);
  const loudness = /^\d{1,3}(?:\.\d{1,3})?$/u.test(value) ? Number(value) : undefined;
  if (loudness !== undefined && loudness <= 100) return loudness / 100;
  return changed(value) ?? named(volumes, "volume", value);
}

function changed(value: string): number | undefined {
  const percent = /^[+-]\d{1,3}(?:\.\d{1,3})?(?=%$)/u.exec(value)?.[0];
  return percent === undefined ? undefined : 1 + Number(percent) / 100;
}

function factor(value: string): number | undefined {
  const [, amount, percent] = /^(\d{1,4}(?:\.\d{1,3})?)(%?)$/u.exec(value) ?? [];
  return amount === undefined ? undefined : Number(amount) / (percent === "%" ? 100 : 1);
}

function named(names: ReadonlyMap<string, number>, attribute: string, value: string): number {
  const amount = names.get(value);
  if (amount === undefined) throw new SsmlValueError(attribute);
  return amount;
}

function table(names: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(names));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
