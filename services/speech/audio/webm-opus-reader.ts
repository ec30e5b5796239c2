import { AudioUndecodableError } from "./errors.ts";
import { type OpusHead, readOpusHead } from "./opus-head.ts";
import type { OpusPacketDecoder } from "./opus-packets.ts";
import { OpusTrack } from "./opus-track.ts";
import { type DecodedPiece, nothingYet } from "./piece.ts";

/** The elements of EBML and Matroska (RFC 8794, RFC 9559) that a recorder's WebM needs. */
const element = {
  segment: 0x1853_8067,
  tracks: 0x1654_ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  cluster: 0x1f43_b675,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
} as const;

/** Elements that are looked into; all others are passed over whole. */
const containers: ReadonlySet<number> = new Set([
  element.segment,
  element.tracks,
  element.trackEntry,
  element.cluster,
  element.blockGroup,
]);

interface TrackEntry {
  number?: number;
  isOpus?: boolean;
  head?: OpusHead | undefined;
}

/**
 * The samples of a WebM or Matroska file's first Opus track, as browsers record it: also without sizes, and broken off.
 * Ours because a recorder uses a handful of elements, and the demuxers there are bring megabytes for the rest.
 * @throws {AudioUndecodableError}
 */
export function* readWebmOpus(bytes: Uint8Array, decoder: OpusPacketDecoder): Generator<DecodedPiece> {
  let entry: TrackEntry = {};
  let track: { readonly number: number; readonly opus: OpusTrack } | undefined;
  for (const { id, data } of readElements(bytes)) {
    if (id === element.trackEntry) entry = {};
    else if (id === element.trackNumber) entry.number = data.reduce((number, byte) => number * 256 + byte, 0);
    else if (id === element.codecId) entry.isOpus = Buffer.from(data).toString("latin1").startsWith("A_OPUS");
    else if (id === element.codecPrivate) entry.head = readOpusHead(data);
    else if (id === element.block || id === element.simpleBlock) {
      if (track === undefined) break;
      const packet = packetOf(data, track.number);
      yield packet === undefined ? nothingYet : track.opus.decode(packet);
      continue;
    }
    if (track === undefined && entry.isOpus === true && entry.number !== undefined && entry.head !== undefined)
      track = { number: entry.number, opus: new OpusTrack(decoder, entry.head) };
    yield nothingYet;
  }
  if (track === undefined)
    throw new AudioUndecodableError("this WebM file holds no Opus", "bu WebM dosyasında Opus yok");
}

interface Element {
  readonly id: number;
  /** Nothing for containers: their elements come next. */
  readonly data: Uint8Array;
}

function* readElements(bytes: Uint8Array): Generator<Element> {
  const none = bytes.subarray(0, 0);
  for (let at = 0; at < bytes.length; ) {
    const id = readNumber(bytes, at, true);
    const size = id === undefined ? undefined : readNumber(bytes, at + id.length, false);
    if (id === undefined || size === undefined) return;
    at += id.length + size.length;
    if (containers.has(id.value)) {
      yield { id: id.value, data: none };
      continue;
    }
    yield { id: id.value, data: bytes.subarray(at, at + size.value) };
    at += size.value;
  }
}

/** EBML's numbers: as many zeros lead as bytes follow. @param keepsMark ids are written with the bit that ends the zeros */
function readNumber(bytes: Uint8Array, at: number, keepsMark: boolean) {
  const first = bytes[at];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return undefined;
  let value = keepsMark ? first : first & (0xff >> length);
  for (let next = 1; next < length; next++) value = value * 256 + (bytes[at + next] as number);
  return { value, length };
}

/** @returns undefined: another track's */
function packetOf(block: Uint8Array, track: number): Uint8Array | undefined {
  const number = readNumber(block, 0, false);
  if (number?.value !== track) return undefined;
  const head = number.length + 3;
  const hasLacing = ((block[head - 1] ?? 0) & 0x06) !== 0;
  if (hasLacing) throw new AudioUndecodableError("its packets are laced", "paketleri birleştirilmiş");
  return block.subarray(head);
}
