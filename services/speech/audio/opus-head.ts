import { AudioUndecodableError } from "./errors.ts";

/** What an Opus stream in a file begins with (RFC 7845, 5.1). */
export interface OpusHead {
  /** What the encoder's own delay put before the beginning, seconds. */
  readonly preSkipS: number;
  /** Factor on every sample. */
  readonly gain: number;
}

/** Pre-skip and positions count at this rate, whatever a decoder gives. */
export const opusGranuleHz = 48_000;

const magic = Buffer.from("OpusHead");
const shortest = 19;

/**
 * @returns undefined: this is no such head
 * @throws {AudioUndecodableError} more than two channels
 */
export function readOpusHead(bytes: Uint8Array): OpusHead | undefined {
  if (bytes.length < shortest || !magic.equals(bytes.subarray(0, magic.length))) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasMapping = view.getUint8(18) !== 0;
  const streams = hasMapping && bytes.length > shortest ? view.getUint8(19) : 1;
  if (streams !== 1) throw new AudioUndecodableError("Opus of more than two channels", "ikiden çok kanallı Opus");
  return {
    preSkipS: view.getUint16(10, true) / opusGranuleHz,
    // Decibels in 256ths.
    gain: 10 ** (view.getInt16(16, true) / 256 / 20),
  };
}

/** @param preSkip samples at 48 kHz @param inputHz what the sound was recorded at; told, not used */
export function writeOpusHead(preSkip: number, inputHz: number): Uint8Array {
  const head = new Uint8Array(shortest);
  const view = new DataView(head.buffer);
  head.set(magic);
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, inputHz, true);
  return head;
}
