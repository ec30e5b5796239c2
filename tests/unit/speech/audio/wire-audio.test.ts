import { describe, expect, it } from "vitest";
import { int16ToBytes } from "../../../../services/speech/audio/samples.ts";
import { WireDecoder, WireEncoder, type WireFormat } from "../../../../services/speech/audio/wire-audio.ts";
import { levelOf, pitchOf } from "../../../support/sound.ts";
import { int16, tone } from "../../../support/speech.ts";

const formats: readonly WireFormat[] = [8000, 16_000, 22_050, 24_000, 44_100, 48_000].flatMap((sampleRate) =>
  (["pcm16", "mulaw", "alaw"] as const).map((encoding) => ({ encoding, sampleRate })),
);

describe("audio on a wire", () => {
  it.each(formats)("carries a tone as $encoding at $sampleRate Hz, there and back", (format) => {
    const encoder = new WireEncoder(22_050, format);
    const decoder = new WireDecoder(format, 16_000);
    const heard: number[] = [];
    const said = int16(tone(600, 22_050, 440));
    for (let at = 0; at < said.length; at += 441) {
      heard.push(...decoder.push(encoder.push(said.subarray(at, at + 441))));
    }
    heard.push(...decoder.push(encoder.flush()), ...decoder.flush());
    expect(Math.abs(heard.length - 9600)).toBeLessThanOrEqual(2);
    expect(pitchOf(heard, 16_000)).toBeCloseTo(440, 0);
    // A tone of amplitude 0.3.
    expect(levelOf(Float32Array.from(heard.slice(400, -400)))).toBeCloseTo(-10.5, 0);
  });

  it("finds samples that pieces cut in half, one byte at a time if need be", () => {
    const bytes = int16ToBytes(int16(tone(50, 16_000)));
    const format: WireFormat = { encoding: "pcm16", sampleRate: 16_000 };
    const whole = new WireDecoder(format, 16_000).push(bytes);
    for (const size of [1, 3, 101]) {
      const decoder = new WireDecoder(format, 16_000);
      const heard: number[] = [];
      for (let at = 0; at < bytes.length; at += size) heard.push(...decoder.push(bytes.subarray(at, at + size)));
      expect(Float32Array.from(heard)).toEqual(whole);
    }
  });

  it("drops half a sample at a stream's end, so that the next stream begins right", () => {
    const decoder = new WireDecoder({ encoding: "pcm16", sampleRate: 16_000 }, 16_000);
    decoder.push(Uint8Array.of(0, 0, 7));
    decoder.flush();
    expect([...decoder.push(Uint8Array.of(0x00, 0x40))]).toEqual([0.5]);
  });
});
