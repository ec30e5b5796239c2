import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { decodeAudio } from "../../../../services/speech/audio/decode-audio.ts";
import { AudioTooLongError, AudioUndecodableError } from "../../../../services/speech/audio/errors.ts";
import { int16ToFloat } from "../../../../services/speech/audio/samples.ts";
import { openSpeechEncoder, type SpeechFormat } from "../../../../services/speech/audio/speech-encoder.ts";
import { writeWav } from "../../../../services/speech/audio/wav-writer.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { levelOf, pitchOf } from "../../../support/sound.ts";
import { int16, tone } from "../../../support/speech.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url));

async function encoded(format: SpeechFormat, samples: Int16Array, sampleRate: number): Promise<Buffer> {
  using encoder = await openSpeechEncoder(format, sampleRate);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += 2205) parts.push(encoder.push(samples.subarray(at, at + 2205)));
  return Buffer.concat([...parts, encoder.end()]);
}

/** The tone without its first and last tenth. */
function heart(samples: Int16Array): Float32Array {
  return int16ToFloat(samples.subarray(Math.floor(samples.length / 10), Math.floor(samples.length * 0.9)));
}

describe("decoding a recording", () => {
  it.each([
    ["ffmpeg-440hz.mp3", 1],
    ["ffmpeg-440hz.opus", 1],
    // What a browser's recorder makes, 60 ms a packet, stereo, without sizes.
    ["chromium-440hz.webm", 1.2],
  ])("hears the tone in what others made: %s", async (file, seconds) => {
    const samples = await decodeAudio(fixture(file), { maxS: 10 });
    expect(Math.abs(samples.length / 16_000 - seconds)).toBeLessThan(0.06);
    expect(pitchOf(heart(samples), 16_000)).toBeCloseTo(440, 0);
  });

  it.each<[SpeechFormat, number]>([
    ["wav", 0],
    ["mp3", 0.1],
    ["opus", 0],
  ])("hears in our own %s what was put into it, as long as it was", async (format, longer) => {
    const file = await encoded(format, int16(tone(1234, 22_050, 330)), 22_050);
    const samples = await decodeAudio(file, { maxS: 10 });
    const seconds = samples.length / 16_000;
    expect(seconds).toBeGreaterThan(1.233);
    expect(seconds).toBeLessThan(1.235 + longer);
    expect(pitchOf(heart(samples), 16_000)).toBeCloseTo(330, 0);
    expect(levelOf(heart(samples))).toBeCloseTo(-10.5, 0);
  });

  it("reads files that were glued together one after the other", async () => {
    const low = await encoded("opus", int16(tone(500, 24_000, 220)), 24_000);
    const high = await encoded("opus", int16(tone(500, 24_000, 880)), 24_000);
    const samples = await decodeAudio(Buffer.concat([low, high]), { maxS: 10 });
    expect(samples).toHaveLength(16_000);
    expect(pitchOf(samples.subarray(1000, 7000), 16_000)).toBeCloseTo(220, 0);
    expect(pitchOf(samples.subarray(9000, 15_000), 16_000)).toBeCloseTo(880, 0);
  });

  it("goes by what a file holds and not by what it is called, so a picture is no sound", async () => {
    const png = Buffer.from("\x89PNG\r\n\x1a\n0000000000000000", "latin1");
    for (const bytes of [png, Buffer.from("merhaba"), Buffer.alloc(0), Buffer.from("fLaC0000"), Buffer.from("OggS")])
      await expect(decodeAudio(bytes, { maxS: 10 })).rejects.toThrow(AudioUndecodableError);
  });

  it("takes the head of a file without sound for no sound", async () => {
    await expect(decodeAudio(writeWav(new Int16Array(0), 16_000), { maxS: 10 })).rejects.toThrow(AudioUndecodableError);
    const webm = fixture("chromium-440hz.webm").subarray(0, 160);
    await expect(decodeAudio(webm, { maxS: 10 })).rejects.toThrow(AudioUndecodableError);
  });

  it.each<[string, () => Promise<Buffer>]>([
    ["wav", () => encoded("wav", int16(tone(2000, 24_000)), 24_000)],
    ["mp3", () => encoded("mp3", int16(tone(2000, 24_000)), 24_000)],
    ["opus", () => encoded("opus", int16(tone(2000, 24_000)), 24_000)],
    ["webm", async () => fixture("chromium-440hz.webm")],
  ])("refuses %s that is longer than allowed", async (_, make) => {
    await expect(decodeAudio(await make(), { maxS: 1 })).rejects.toThrow(AudioTooLongError);
  });

  it("gives up a long decoding when asked to, and lets the rest of the process work meanwhile", async () => {
    const file = writeWav(new Int16Array(60 * 48_000), 48_000);
    const asked = new AbortController();
    const decoding = decodeAudio(file, { maxS: 3600, signal: asked.signal });
    setImmediate(() => asked.abort(new Error("gone")));
    await expect(decoding).rejects.toThrow("gone");
  });

  it("reads as much as there is of files that break off anywhere", async () => {
    const files = [
      await encoded("wav", int16(tone(300, 24_000)), 24_000),
      await encoded("opus", int16(tone(300, 24_000)), 24_000),
      fixture("ffmpeg-440hz.mp3"),
      fixture("ffmpeg-440hz.opus"),
      fixture("chromium-440hz.webm"),
    ];
    for (const file of files)
      for (let length = 0; length < file.length; length += Math.ceil(file.length / 23))
        await decodedOrRefused(file.subarray(0, length));
  });

  it("survives files with bytes changed at random", async () => {
    const files = [
      await encoded("wav", int16(tone(200, 24_000)), 24_000),
      await encoded("opus", int16(tone(200, 24_000)), 24_000),
      fixture("ffmpeg-440hz.mp3"),
      fixture("chromium-440hz.webm"),
    ];
    const random = seededRandom(11);
    for (const file of files)
      for (let round = 0; round < 30; round++) {
        const broken = Buffer.from(file);
        // Heads are what readers trust most.
        const among = round % 2 === 0 ? Math.min(200, file.length) : file.length;
        for (let change = 0; change < 1 + round / 4; change++)
          broken[Math.floor(random() * among)] = Math.floor(random() * 256);
        await decodedOrRefused(broken);
      }
  });

  it("survives noise behind the first bytes of every format", async () => {
    const random = seededRandom(12);
    const noise = Buffer.from(Uint8Array.from({ length: 20_000 }, () => Math.floor(random() * 256)));
    const heads = ["RIFF0000WAVE", "OggS", "\x1a\x45\xdf\xa3", "ID3", "\xff\xfb\x90\x00", ""];
    for (const head of heads) await decodedOrRefused(Buffer.concat([Buffer.from(head, "latin1"), noise]));
  });

  it("says nothing on the console about an MP3 that is broken, and hears what comes behind it", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const [mp3, random] = [fixture("ffmpeg-440hz.mp3"), seededRandom(13)];
    const noise = Buffer.from(Uint8Array.from({ length: 20_000 }, () => Math.floor(random() * 256)));
    const samples = await decodeAudio(Buffer.concat([mp3, noise, mp3]), { maxS: 10 });
    expect(samples.length).toBeGreaterThan(1.9 * 16_000);
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });

  it("passes over the tag in front of an MP3, however large its picture is", async () => {
    const tag = Buffer.alloc(10 + 3 * 128 * 128);
    tag.write("ID3\x04\0\0\0\x03\0\0", "latin1");
    const samples = await decodeAudio(Buffer.concat([tag, fixture("ffmpeg-440hz.mp3")]), { maxS: 10 });
    expect(pitchOf(heart(samples), 16_000)).toBeCloseTo(440, 0);
  });

  it("survives 50 MB of nothing behind the first bytes of every format", async () => {
    const zeros = Buffer.alloc(50_000_000);
    for (const head of ["RIFF0000WAVE", "OggS", "\x1a\x45\xdf\xa3", "ID3", "\xff\xfb\x90\x00", ""]) {
      zeros.fill(0, 0, 16);
      zeros.write(head, "latin1");
      await decodedOrRefused(zeros);
    }
  });

  it("survives a file that begins as a page over and over again", async () => {
    const page = Buffer.from("OggS\0\0aaaaaaaaaaaaaaaaaaaa\xff", "latin1");
    const bytes = Buffer.concat(Array.from({ length: 20_000 }, () => page));
    await expect(decodeAudio(bytes, { maxS: 10 })).rejects.toThrow(AudioUndecodableError);
  });
});

/** Either is right; anything else, a crash of the decoder or an error without a name, fails the test. */
async function decodedOrRefused(bytes: Uint8Array): Promise<void> {
  try {
    const samples = await decodeAudio(bytes, { maxS: 60 });
    expect(samples.length).toBeGreaterThan(0);
  } catch (thrown) {
    if (!(thrown instanceof AudioUndecodableError) && !(thrown instanceof AudioTooLongError)) throw thrown;
  }
}
