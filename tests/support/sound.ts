import { seededRandom } from "./seeded-random.ts";

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

const halfNote = 2 ** (1 / 12);
/** Semitones above A2 (110 Hz): A minor, F, C, G. */
const chords = [
  [0, 3, 7, 12],
  [-4, 0, 3, 8],
  [3, 7, 10, 15],
  [-2, 2, 5, 10],
];

/**
 * A band without a singer: two seconds a chord, held by a soft organ, picked as an arpeggio of plucked notes above it, a drum on every beat and
 * a cymbal between them. The same every time. @returns -1…1
 */
export function music(durationMs: number, sampleRate: number): Float32Array {
  const random = seededRandom(11);
  const beatS = 0.5;
  return Float32Array.from({ length: Math.round((durationMs / 1000) * sampleRate) }, (_, at) => {
    const t = at / sampleRate;
    const chord = chords[Math.floor(t / 2) % chords.length] as readonly number[];
    const organ = chord.reduce((sum, tone) => sum + overtones(t, 110 * halfNote ** tone, 3), 0);
    const step = Math.floor(t / (beatS / 4));
    const sinceStep = t - step * (beatS / 4);
    const picked = 440 * halfNote ** (chord[step % chord.length] as number);
    const pluck = overtones(t, picked, 5) * Math.exp(-9 * sinceStep);
    const sinceBeat = t % beatS;
    const drum = Math.sin(2 * Math.PI * 60 * sinceBeat) * Math.exp(-18 * sinceBeat);
    const cymbal = (random() - 0.5) * Math.exp(-60 * ((t + beatS / 2) % beatS));
    return 0.05 * organ + 0.12 * pluck + 0.3 * drum + 0.1 * cymbal;
  });
}

function overtones(t: number, hz: number, count: number): number {
  let sum = 0;
  for (let nth = 1; nth <= count; nth++) sum += Math.sin(2 * Math.PI * hz * nth * t) / nth ** 2;
  return sum;
}
