import { describe, expect, it } from "vitest";
import { Resampler, resampled } from "../../../../services/speech/audio/resampler.ts";
import { levelOf } from "../../../support/sound.ts";
import { tone } from "../../../support/speech.ts";

const pairs = [
  [24_000, 16_000],
  [16_000, 24_000],
  [8_000, 24_000],
  [24_000, 8_000],
  [48_000, 16_000],
  [44_100, 16_000],
  [22_050, 24_000],
  [11_025, 48_000],
] as const;

/** Without the first and last 20 ms, where a tone begins and ends. */
function inside(samples: Float32Array, rate: number): Float32Array {
  return samples.subarray(rate / 50, -rate / 50);
}

describe("the resampler", () => {
  it.each(pairs)("passes %i → %i Hz what both rates have, neither shifted nor changed", (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const share of [0.05, 0.3, 0.6, 0.8]) {
      const hz = share * nyquist;
      const made = resampled(tone(400, from, hz, 1), from, to);
      const ideal = tone(400, to, hz, 1);
      expect(made.length).toBe(ideal.length);
      const error = inside(
        made.map((sample, at) => sample - (ideal[at] as number)),
        to,
      );
      expect(levelOf(error)).toBeLessThan(-70);
    }
  });

  it.each(pairs.filter(([from, to]) => from > to))("lets nothing of %i Hz fold into %i Hz", (from, to) => {
    for (let hz = to / 2 + 50; hz < from / 2; hz += from / 60)
      expect(levelOf(inside(resampled(tone(300, from, hz, 1), from, to), to)), `${hz} Hz`).toBeLessThan(-65);
  });

  it("gives the same samples in pieces of any size as at once", () => {
    const whole = tone(700, 44_100, 440);
    const resampler = new Resampler(44_100, 16_000);
    const parts: number[] = [];
    for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 7 + 3) % 501)
      parts.push(...resampler.push(whole.subarray(at, at + size)));
    parts.push(...resampler.flush());
    expect(Float32Array.from(parts)).toEqual(resampled(whole, 44_100, 16_000));
  });

  it("holds little back of a running stream", () => {
    const resampler = new Resampler(24_000, 16_000);
    const given = resampler.push(new Float32Array(24_000)).length;
    expect(given).toBeGreaterThan(16_000 - 32);
    expect(given + resampler.flush().length).toBe(16_000);
  });

  it("begins a new stream after the last sample of one", () => {
    const resampler = new Resampler(8_000, 16_000);
    const once = [...resampler.push(tone(100, 8_000)), ...resampler.flush()];
    expect([...resampler.push(tone(100, 8_000)), ...resampler.flush()]).toEqual(once);
  });

  it("shares nothing between two streams", () => {
    const alone = resampled(tone(100, 24_000, 300), 24_000, 16_000);
    const mine = new Resampler(24_000, 16_000);
    const other = new Resampler(24_000, 16_000);
    const parts: number[] = [];
    for (let at = 0; at < 2400; at += 480) {
      parts.push(...mine.push(tone(100, 24_000, 300).subarray(at, at + 480)));
      other.push(tone(20, 24_000, 5000, 1));
    }
    expect(Float32Array.from([...parts, ...mine.flush()])).toEqual(alone);
  });

  it("takes rates without a common measure within a millionth", () => {
    const made = resampled(tone(10_000, 44_099, 440, 1), 44_099, 16_000);
    expect(Math.abs(made.length - 160_000)).toBeLessThanOrEqual(1);
    const ideal = tone(10_000, 16_000, 440, 1);
    const error = made.map((sample, at) => sample - (ideal[at] as number));
    expect(levelOf(inside(error, 16_000))).toBeLessThan(-30);
  });

  it("says nothing of nothing, and keeps a constant constant", () => {
    expect(resampled(new Float32Array(0), 48_000, 16_000)).toHaveLength(0);
    const level = resampled(new Float32Array(4800).fill(0.5), 48_000, 16_000);
    expect(inside(level, 16_000).every((sample) => Math.abs(sample - 0.5) < 1e-6)).toBe(true);
  });
});
