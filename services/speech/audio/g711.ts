/** The two laws of ITU-T G.711: 16-bit samples as one logarithmic byte each, as telephones do at 8 kHz. */
export type G711Law = "mulaw" | "alaw";

/** Bytes → 16-bit samples. */
export function decodeG711(bytes: Uint8Array, law: G711Law): Int16Array {
  const table = law === "mulaw" ? fromMulaw : fromAlaw;
  const out = new Int16Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) out[at] = table[bytes[at] as number] as number;
  return out;
}

/** 16-bit samples → bytes. */
export function encodeG711(samples: Int16Array, law: G711Law): Uint8Array {
  const encode = law === "mulaw" ? toMulaw : toAlaw;
  const out = new Uint8Array(samples.length);
  for (let at = 0; at < samples.length; at++) out[at] = encode(samples[at] as number);
  return out;
}

// µ-law: sign, 3 bits of exponent, 4 of mantissa, all inverted; a bias keeps every exponent's mantissa normalised.
const bias = 0x84;
const clip = 32_635;

function toMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const level = Math.min(clip, Math.abs(sample)) + bias;
  const exponent = 24 - Math.clz32(level);
  return ~(sign | (exponent << 4) | ((level >> (exponent + 3)) & 0x0f)) & 0xff;
}

const fromMulaw = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const level = ((((bits & 0x0f) << 3) + bias) << ((bits >> 4) & 7)) - bias;
  return (bits & 0x80) === 0 ? level : -level;
});

// A-law: the same parts of a 13-bit sample, every second bit inverted.
const evenBits = 0x55;

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // One's complement: -1 falls into the smallest negative step, not into the positive one.
  const level = (sample < 0 ? ~sample : sample) >> 3;
  const exponent = Math.max(0, 27 - Math.clz32(level));
  const mantissa = (exponent === 0 ? level >> 1 : level >> exponent) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ evenBits;
}

const fromAlaw = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ evenBits;
  const exponent = (bits >> 4) & 7;
  const step = (bits & 0x0f) << 4;
  const level = exponent === 0 ? step + 8 : (step + 0x108) << (exponent - 1);
  return (bits & 0x80) === 0 ? -level : level;
});
