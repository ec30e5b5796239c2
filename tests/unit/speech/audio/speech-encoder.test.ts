import { describe, expect, it } from "vitest";
import { AudioFormatUnsupportedError } from "../../../../services/speech/audio/errors.ts";
import { openSpeechEncoder, speechFormatOf, speechFormats } from "../../../../services/speech/audio/speech-encoder.ts";
import { int16, tone } from "../../../support/speech.ts";

describe("encoders of speech", () => {
  it("give pcm as 16 bits at 24 kHz, whatever the synthesiser's rate", async () => {
    using encoder = await openSpeechEncoder("pcm", 22_050);
    const bytes = encoder.push(int16(tone(500, 22_050))).length + encoder.end().length;
    expect(bytes).toBe(2 * 12_000);
  });

  it.each(speechFormats)("give out %s while it is made, and begin it as its kind begins", async (format) => {
    using encoder = await openSpeechEncoder(format, 24_000);
    const early: Uint8Array[] = [];
    for (let piece = 0; piece < 10; piece++) early.push(encoder.push(int16(tone(100, 24_000))));
    const whole = Buffer.concat([...early, encoder.end()]);
    expect(Buffer.concat(early).length).toBeGreaterThan(whole.length / 2);
    const beginnings = { pcm: "", wav: "RIFF", opus: "OggS", mp3: "\xff\xf3" };
    expect(whole.toString("latin1").startsWith(beginnings[format])).toBe(true);
    expect(encoder.contentType).toMatch(/^audio\//);
  });

  it.each(["wav", "opus"] as const)("make a whole %s of nothing at all", async (format) => {
    using encoder = await openSpeechEncoder(format, 24_000);
    expect(encoder.end().length).toBeGreaterThan(40);
  });

  it("do not share a stream: two at once give what each gives alone", async () => {
    const make = async (hz: number) => {
      const encoder = await openSpeechEncoder("mp3", 24_000);
      return { encoder, samples: int16(tone(400, 24_000, hz)), parts: [] as Uint8Array[] };
    };
    const alone = await make(300);
    alone.parts.push(alone.encoder.push(alone.samples), alone.encoder.end());
    const [mine, other] = [await make(300), await make(900)];
    other.parts.push(other.encoder.push(other.samples));
    mine.parts.push(mine.encoder.push(mine.samples));
    other.parts.push(other.encoder.end());
    mine.parts.push(mine.encoder.end());
    expect(Buffer.concat(mine.parts)).toEqual(Buffer.concat(alone.parts));
    for (const { encoder } of [alone, mine, other]) encoder[Symbol.dispose]();
  });

  it("name the formats there are where another is asked for", () => {
    expect(() => speechFormatOf("flac")).toThrow(AudioFormatUnsupportedError);
    expect(() => speechFormatOf("flac")).toThrow("wav, pcm, mp3, opus");
    expect(speechFormatOf("mp3")).toBe("mp3");
  });
});
