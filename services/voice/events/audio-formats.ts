import { type Static, Type } from "typebox";

/** Samples a second of PCM that are taken and given; the protocol's own is 24 000. */
export const pcmRates = [8000, 16_000, 24_000] as const;
export type PcmRate = (typeof pcmRates)[number];

/**
 * `audio/pcm`: 16 bit, little endian, mono. `audio/pcmu` and `audio/pcma`: G.711 µ-law and A-law, 8000 Hz. `audio/opus` is ours: one packet a
 * message, without a container.
 */
export type AudioFormat =
  | { readonly type: "audio/pcm"; readonly rate: PcmRate }
  | { readonly type: "audio/pcmu" }
  | { readonly type: "audio/pcma" }
  | { readonly type: "audio/opus" };

export const AudioFormatShape = Type.Object({
  type: Type.Enum(["audio/pcm", "audio/pcmu", "audio/pcma", "audio/opus"]),
  rate: Type.Optional(Type.Enum([...pcmRates])),
});

/** A format as it came → one that is complete. */
export function audioFormat({ type, rate }: Static<typeof AudioFormatShape>): AudioFormat {
  return type === "audio/pcm" ? { type, rate: rate ?? 24_000 } : { type };
}

/** Bytes of one sample; 1 where there is no such thing. */
export function sampleBytes({ type }: AudioFormat): 1 | 2 {
  return type === "audio/pcm" ? 2 : 1;
}
