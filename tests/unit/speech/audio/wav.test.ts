import { describe, expect, it } from "vitest";
import { AudioUndecodableError } from "../../../../services/speech/audio/errors.ts";
import { encodeG711 } from "../../../../services/speech/audio/g711.ts";
import { int16ToBytes } from "../../../../services/speech/audio/samples.ts";
import { isWav, readWav } from "../../../../services/speech/audio/wav-reader.ts";
import { wavHeader, writeWav } from "../../../../services/speech/audio/wav-writer.ts";

interface WavOptions {
  readonly code?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly extensible?: boolean;
  readonly before?: Buffer;
  readonly after?: Buffer;
  readonly dataSize?: number;
}

/** A WAV file around these bytes, as other programs write them. */
function wav(data: Uint8Array, options: WavOptions = {}): Buffer {
  const { code = 1, bits = 16, channels = 1, sampleRate = 16_000, extensible = false } = options;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : code, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(code, 24);
  return Buffer.concat([
    Buffer.from("RIFF\0\0\0\0WAVE"),
    chunk("fmt ", format),
    options.before ?? Buffer.alloc(0),
    chunk("data", Buffer.from(data), options.dataSize),
    options.after ?? Buffer.alloc(0),
  ]);
}

function chunk(name: string, content: Buffer, size = content.length): Buffer {
  const head = Buffer.from(`${name}\0\0\0\0`);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

function read(bytes: Uint8Array): number[] {
  return [...readWav(bytes)].flatMap(({ samples }) => [...samples]);
}

const halves = [0.5, -0.5, 0, 0.25];

describe("WAV files", () => {
  it.each([
    ["8 bits", { bits: 8 }, Buffer.of(192, 64, 128, 160)],
    ["16 bits", { bits: 16 }, Buffer.from(Int16Array.of(16_384, -16_384, 0, 8192).buffer)],
    ["24 bits", { bits: 24 }, Buffer.of(0, 0, 0x40, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0x20)],
    ["32 bits", { bits: 32 }, Buffer.from(Int32Array.of(2 ** 30, -(2 ** 30), 0, 2 ** 29).buffer)],
    ["32-bit float", { code: 3, bits: 32 }, Buffer.from(Float32Array.from(halves).buffer)],
    ["64-bit float", { code: 3, bits: 64 }, Buffer.from(Float64Array.from(halves).buffer)],
    [
      "16 bits, extensible",
      { bits: 16, extensible: true },
      Buffer.from(Int16Array.of(16_384, -16_384, 0, 8192).buffer),
    ],
  ] as const)("are read with samples of %s", (_, options, data) => {
    expect(read(wav(data, options))).toEqual(halves);
  });

  it.each([
    ["mulaw", 7],
    ["alaw", 6],
  ] as const)("are read with samples of %s", (law, code) => {
    const samples = read(wav(encodeG711(Int16Array.of(16_384, -16_384), law), { code, bits: 8, sampleRate: 8000 }));
    expect(samples[0]).toBeCloseTo(0.5, 1);
    expect(samples[1]).toBeCloseTo(-0.5, 1);
  });

  it("are mixed to mono, however many channels they have", () => {
    const stereo = int16ToBytes(Int16Array.of(16_384, 0, -16_384, -16_384));
    expect(read(wav(stereo, { channels: 2 }))).toEqual([0.25, -0.5]);
    const six = int16ToBytes(Int16Array.of(16_384, 16_384, 16_384, 0, 0, 0));
    expect(read(wav(six, { channels: 6 }))).toEqual([0.25]);
  });

  it("say their rate", () => {
    const [piece] = readWav(wav(Buffer.alloc(4), { sampleRate: 44_100 }));
    expect(piece?.sampleRate).toBe(44_100);
  });

  it("may hold other things before and after the sound, of odd length too", () => {
    const data = int16ToBytes(Int16Array.of(16_384));
    expect(
      read(wav(data, { before: chunk("LIST", Buffer.from("abc")), after: chunk("id3 ", Buffer.alloc(50)) })),
    ).toEqual([0.5]);
  });

  it.each([
    ["0", 0],
    ["4 GiB", 0xffff_ffff],
    ["more than there is", 1000],
  ])("are read to their end where the header says %s", (_, dataSize) => {
    expect(read(wav(int16ToBytes(Int16Array.of(16_384, -16_384)), { dataSize }))).toEqual([0.5, -0.5]);
  });

  it("are read as far as they go where they break off in the middle of a sample", () => {
    const whole = wav(int16ToBytes(Int16Array.of(16_384, -16_384, 8192)));
    expect(read(whole.subarray(0, -1))).toEqual([0.5, -0.5]);
  });

  it.each([
    ["no format", Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE"), chunk("data", Buffer.alloc(8))])],
    ["no data", wav(Buffer.alloc(0)).subarray(0, 36)],
    ["half a format", wav(Buffer.alloc(0)).subarray(0, 30)],
    ["a codec of its own", wav(Buffer.alloc(8), { code: 0x55 })],
    ["20 channels of nothing at 0 Hz", wav(Buffer.alloc(8), { sampleRate: 0 })],
    ["no channels", wav(Buffer.alloc(8), { channels: 0 })],
    ["12 bytes", Buffer.from("RIFF\0\0\0\0WAVE")],
    ["a million empty chunks", Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE"), Buffer.alloc(8_000_000)])],
  ])("with %s are refused by name", (_, bytes) => {
    expect(() => read(bytes)).toThrow(AudioUndecodableError);
  });

  it("that we write are read again, whole or as a stream", () => {
    const samples = Int16Array.of(1, -2, 32_767, -32_768);
    const back = (file: Uint8Array) => read(file).map((sample) => sample * 32_768);
    expect(back(writeWav(samples, 24_000))).toEqual([...samples]);
    expect(back(Buffer.concat([wavHeader(24_000), int16ToBytes(samples)]))).toEqual([...samples]);
    const [piece] = readWav(writeWav(samples, 24_000));
    expect(piece?.sampleRate).toBe(24_000);
  });

  it("that we write whole say their sizes", () => {
    const file = Buffer.from(writeWav(Int16Array.of(1, 2, 3), 8000));
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect(file.readUInt32LE(40)).toBe(6);
    expect(file.readUInt32LE(28)).toBe(16_000);
  });

  it("are known by their content", () => {
    expect(isWav(writeWav(new Int16Array(0), 8000))).toBe(true);
    expect(isWav(Buffer.from("RIFF\0\0\0\0AVI "))).toBe(false);
    expect(isWav(Buffer.alloc(3))).toBe(false);
  });
});
