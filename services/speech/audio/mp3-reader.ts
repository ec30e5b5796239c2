import type { MPEGDecoder } from "mpg123-decoder";
import { BrokenMp3Error } from "./mp3-decoder.ts";
import { type DecodedPiece, nothingYet } from "./piece.ts";

/**
 * So little at a time that it never holds up the process, and that after a fault, which uses up 1 KB, nothing is left waiting in the decoder.
 */
const bytesAtOnce = 512;

/** Whether this begins with an ID3 tag or with the head of an MPEG audio frame of layer I–III. */
export function isMp3(bytes: Uint8Array): boolean {
  if (isTag(bytes)) return true;
  const [first = 0, second = 0, third = 0] = bytes;
  const hasSync = first === 0xff && (second & 0xe0) === 0xe0;
  const isKnown =
    (second & 0x18) !== 0x08 && (second & 0x06) !== 0 && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
  return hasSync && isKnown;
}

/** So many bytes in a row without a sound are more than damage or a picture between two songs: what follows is something else. */
const mostBarrenBytes = 2_097_152;

/** An MP3's samples, mixed to mono; what is not MP3 in between is passed over. */
export function* readMp3(bytes: Uint8Array, decoder: MPEGDecoder): Generator<DecodedPiece> {
  let heardAt = tagBytes(bytes);
  for (let at = heardAt; at < bytes.length && at - heardAt < mostBarrenBytes; at += bytesAtOnce) {
    const decoded = decodeOrPass(bytes.subarray(at, at + bytesAtOnce), decoder);
    const [left, right] = decoded?.channelData ?? [];
    if (decoded === undefined || left === undefined || left.length === 0) {
      yield nothingYet;
      continue;
    }
    heardAt = at;
    if (right !== undefined)
      for (let n = 0; n < left.length; n++) left[n] = ((left[n] as number) + (right[n] as number)) / 2;
    yield { samples: left, sampleRate: decoded.sampleRate };
  }
}

/** Length of the ID3v2 tag it begins with, cover picture and all; 0 without one. */
function tagBytes(bytes: Uint8Array): number {
  if (!isTag(bytes) || bytes.length < 10) return 0;
  // Seven bits a byte, so that no length looks like the head of a frame.
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

function isTag([first, second, third]: Uint8Array): boolean {
  return first === 0x49 && second === 0x44 && third === 0x33;
}

/** @returns undefined: the decoder makes nothing of it */
function decodeOrPass(bytes: Uint8Array, decoder: MPEGDecoder): ReturnType<MPEGDecoder["decode"]> | undefined {
  try {
    return decoder.decode(bytes);
  } catch (thrown) {
    if (thrown instanceof BrokenMp3Error) return undefined;
    throw thrown;
  }
}
