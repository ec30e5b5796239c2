/** A sample of any size as a 16-bit one; what is too loud is clipped, what is no number is silence. @param sample -1…1 */
function toInt16(sample: number): number {
  const scaled = Math.round(sample * 32_768);
  if (scaled >= -32_768) return Math.min(32_767, scaled);
  return Number.isNaN(scaled) ? 0 : -32_768;
}

/** -1…1 → 16 bits. */
export function floatToInt16(samples: Float32Array): Int16Array {
  const out = new Int16Array(samples.length);
  for (let at = 0; at < samples.length; at++) out[at] = toInt16(samples[at] as number);
  return out;
}

/** 16 bits → -1…1. */
export function int16ToFloat(samples: Int16Array): Float32Array {
  const out = new Float32Array(samples.length);
  for (let at = 0; at < samples.length; at++) out[at] = (samples[at] as number) / 32_768;
  return out;
}

/** Little-endian bytes → samples. Half a sample at the end is left out. */
export function int16FromBytes(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Int16Array(bytes.byteLength >> 1);
  for (let at = 0; at < out.length; at++) out[at] = view.getInt16(2 * at, true);
  return out;
}

/** Samples → little-endian bytes. */
export function int16ToBytes(samples: Int16Array): Uint8Array {
  const out = new Uint8Array(2 * samples.length);
  const view = new DataView(out.buffer);
  for (let at = 0; at < samples.length; at++) view.setInt16(2 * at, samples[at] as number, true);
  return out;
}
