/** Samples made louder or softer; what becomes too loud is clipped. @param volume 1 = as they are */
export function withVolume(samples: Int16Array, volume: number): Int16Array {
  if (volume === 1) return samples;
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * volume))));
}
