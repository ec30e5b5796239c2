/** Hz of a clean tone, by how often it rises through zero. */
export function pitchOf(samples: ArrayLike<number>, sampleRate: number): number {
  let first = -1;
  let last = -1;
  let rises = -1;
  for (let at = 1; at < samples.length; at++)
    if ((samples[at - 1] as number) < 0 && (samples[at] as number) >= 0) {
      if (first < 0) first = at;
      last = at;
      rises++;
    }
  return rises < 1 ? 0 : (rises * sampleRate) / (last - first);
}

/** Loudness relative to a full-scale sine, dB. */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(2 * power);
}
