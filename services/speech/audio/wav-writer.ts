import { int16ToBytes } from "./samples.ts";

const headerBytes = 44;
/** What a header says of a stream whose end is not known yet; readers then read to the end of the file. */
const unknownSize = 0xffff_ffff;

/**
 * Header of a mono 16-bit WAV.
 * @param samples how many follow; undefined: not known yet
 */
export function wavHeader(sampleRate: number, samples?: number): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  const dataBytes = samples === undefined ? unknownSize : 2 * samples;
  const write = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  write(0, "RIFF");
  view.setUint32(4, samples === undefined ? unknownSize : dataBytes + headerBytes - 8, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, dataBytes, true);
  return header;
}

/** A whole mono 16-bit WAV file. */
export function writeWav(samples: Int16Array, sampleRate: number): Uint8Array {
  const file = new Uint8Array(headerBytes + 2 * samples.length);
  file.set(wavHeader(sampleRate, samples.length));
  file.set(int16ToBytes(samples), headerBytes);
  return file;
}
