import { describe, expect, it } from "vitest";
import { AudioUndecodableError } from "../../../../services/speech/audio/errors.ts";
import { OpusPacketDecoder, OpusPacketEncoder } from "../../../../services/speech/audio/opus-packets.ts";
import { pitchOf } from "../../../support/sound.ts";
import { int16, tone } from "../../../support/speech.ts";

describe("Opus packets", () => {
  it("carry speech from one rate to another, 20 ms at a time", async () => {
    using encoder = await OpusPacketEncoder.open(24_000);
    using decoder = await OpusPacketDecoder.open(16_000);
    const said = int16(tone(1000, 24_000, 300));
    const heard: number[] = [];
    for (let at = 0; at < said.length; at += encoder.frameSamples) {
      const packet = encoder.encode(said.subarray(at, at + encoder.frameSamples));
      expect(packet.length).toBeLessThan(200);
      heard.push(...decoder.decode(packet));
    }
    expect(heard).toHaveLength(16_000);
    expect(pitchOf(heard.slice(2000, 15_000), 16_000)).toBeCloseTo(300, 0);
  });

  it("that are none are refused, and the next one is heard all the same", async () => {
    using encoder = await OpusPacketEncoder.open(24_000);
    using decoder = await OpusPacketDecoder.open(24_000);
    const good = encoder.encode(int16(tone(20, 24_000)));
    for (const bad of [new Uint8Array(0), new Uint8Array(60_000), Uint8Array.of(0xff, 0xff, 0xff)])
      expect(() => decoder.decode(bad)).toThrow(AudioUndecodableError);
    expect(decoder.decode(good)).toHaveLength(480);
  });

  it("that were lost are made up for", async () => {
    using decoder = await OpusPacketDecoder.open(16_000);
    expect(decoder.conceal()).toHaveLength(320);
    expect(decoder.conceal(60)).toHaveLength(960);
  });
});
