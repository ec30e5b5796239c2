import { type Static, Type } from "typebox";

/** Samples a second of PCM that are taken and given; the protocol's own is 24 000. */
export const pcmRates = [8000, 16_000, 24_000] as const;
export type PcmRate = (typeof pcmRates)[number];

/** `audio/pcm`: 16 bit, little endian, mono. `audio/pcmu` and `audio/pcma`: G.711 µ-law and A-law, 8000 Hz. */
export type AudioFormat =
  | { readonly type: "audio/pcm"; readonly rate: PcmRate }
  | { readonly type: "audio/pcmu" }
  | { readonly type: "audio/pcma" };

export const AudioFormatShape = Type.Object({
  type: Type.Enum(["audio/pcm", "audio/pcmu", "audio/pcma"]),
  rate: Type.Optional(Type.Enum([...pcmRates])),
});

/** A format as it came → one that is complete. */
export function audioFormat({ type, rate }: Static<typeof AudioFormatShape>): AudioFormat {
  return type === "audio/pcm" ? { type, rate: rate ?? 24_000 } : { type };
}

/** Bytes of one sample, and samples a second. */
export function audioGrain(format: AudioFormat): { readonly bytes: 1 | 2; readonly rate: PcmRate } {
  return format.type === "audio/pcm" ? { bytes: 2, rate: format.rate } : { bytes: 1, rate: 8000 };
}
