import { AudioUndecodableError } from "./errors.ts";
import { decodeG711 } from "./g711.ts";
import type { DecodedPiece } from "./piece.ts";
import { int16ToFloat } from "./samples.ts";

type Encoding = "pcm" | "float" | "mulaw" | "alaw";

interface WavFormat {
  readonly encoding: Encoding;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bytesPerSample: number;
}

const encodings: Readonly<Record<number, Encoding>> = { 1: "pcm", 3: "float", 6: "alaw", 7: "mulaw" };
const extensible = 0xfffe;
const framesAtOnce = 8192;
/** Real files have a handful. */
const maxChunks = 1000;

/** Whether this is a RIFF/WAVE file. */
export function isWav(bytes: Uint8Array): boolean {
  return tag(bytes, 0) === "RIFF" && tag(bytes, 8) === "WAVE";
}

/**
 * A WAV file's samples, mixed to mono. PCM of 8–32 bits, float of 32 and 64, both laws of G.711, plain or extensible. What writers that never
 * came back to their header left there (sizes of 0 or of 4 GiB), and files that break off, are read as far as they go.
 * @throws {AudioUndecodableError}
 */
export function* readWav(bytes: Uint8Array): Generator<DecodedPiece> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: WavFormat | undefined;
  for (let at = 12, chunks = 0; at + 8 <= bytes.length && chunks < maxChunks; chunks++) {
    const name = tag(bytes, at);
    const size = view.getUint32(at + 4, true);
    const begin = at + 8;
    if (name === "fmt ") format = readFormat(view, begin, Math.min(size, bytes.length - begin));
    if (name === "data") {
      if (format === undefined) throw new AudioUndecodableError("the WAV has no format", "WAV dosyasında biçim yok");
      const isUnknown = size === 0 || size >= 0x7fff_0000;
      const end = isUnknown ? bytes.length : Math.min(bytes.length, begin + size);
      return yield* readFrames(bytes.subarray(begin, end), format);
    }
    // Chunks begin at even places.
    at = begin + size + (size % 2);
  }
  throw new AudioUndecodableError("the WAV holds no samples", "WAV dosyasında ses yok");
}

function readFormat(view: DataView, at: number, size: number): WavFormat {
  if (size < 16) throw new AudioUndecodableError("the WAV's format breaks off", "WAV biçimi yarım");
  let code = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  // The subformat's GUID begins with the code it stands for.
  if (code === extensible && size >= 40) code = view.getUint16(at + 24, true);
  const encoding = encodings[code];
  const bytesPerSample = Math.ceil(bits / 8);
  const widths = { pcm: [1, 2, 3, 4], float: [4, 8], mulaw: [1], alaw: [1] };
  if (encoding === undefined || !widths[encoding].includes(bytesPerSample))
    throw new AudioUndecodableError(
      `WAV of kind ${code} with ${bits} bits is not known`,
      `${bits} bitlik ${code} türünde WAV bilinmiyor`,
    );
  if (channels < 1 || channels > 64 || sampleRate < 1000 || sampleRate > 768_000)
    throw new AudioUndecodableError(
      `a WAV of ${channels} channels at ${sampleRate} Hz`,
      `${sampleRate} Hz hızında ${channels} kanallı WAV`,
    );
  return { encoding, channels, sampleRate, bytesPerSample };
}

function* readFrames(bytes: Uint8Array, format: WavFormat): Generator<DecodedPiece> {
  const { channels, sampleRate, bytesPerSample } = format;
  const frameBytes = channels * bytesPerSample;
  const frames = Math.floor(bytes.length / frameBytes);
  for (let frame = 0; frame < frames; frame += framesAtOnce) {
    const to = Math.min(frames, frame + framesAtOnce);
    const samples = readSamples(bytes.subarray(frame * frameBytes, to * frameBytes), format);
    yield { samples: mono(samples, channels), sampleRate };
  }
}

function readSamples(bytes: Uint8Array, { encoding, bytesPerSample }: WavFormat): Float32Array {
  if (encoding === "mulaw" || encoding === "alaw") return int16ToFloat(decodeG711(bytes, encoding));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = encoding === "float" ? readFloat[bytesPerSample] : readInteger[bytesPerSample];
  const out = new Float32Array(bytes.length / bytesPerSample);
  if (read !== undefined) for (let at = 0; at < out.length; at++) out[at] = read(view, at * bytesPerSample);
  return out;
}

type ReadSample = (view: DataView, at: number) => number;

const readInteger: Readonly<Record<number, ReadSample>> = {
  // Eight bits have no sign: silence is 128.
  1: (view, at) => (view.getUint8(at) - 128) / 128,
  2: (view, at) => view.getInt16(at, true) / 32_768,
  3: (view, at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 8_388_608,
  4: (view, at) => view.getInt32(at, true) / 2_147_483_648,
};

const readFloat: Readonly<Record<number, ReadSample>> = {
  4: (view, at) => view.getFloat32(at, true),
  8: (view, at) => view.getFloat64(at, true),
};

/** The mean of the channels of interleaved samples. */
function mono(samples: Float32Array, channels: number): Float32Array {
  if (channels === 1) return samples;
  const out = new Float32Array(samples.length / channels);
  for (let frame = 0, at = 0; frame < out.length; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += samples[at++] as number;
    out[frame] = sum / channels;
  }
  return out;
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
