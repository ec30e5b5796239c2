import { AudioUndecodableError } from "./errors.ts";
import { type OggPage, readOggPages } from "./ogg-pages.ts";
import { opusGranuleHz, readOpusHead } from "./opus-head.ts";
import type { OpusPacketDecoder } from "./opus-packets.ts";
import { OpusTrack } from "./opus-track.ts";
import { type DecodedPiece, nothingYet } from "./piece.ts";

interface Stream {
  readonly serial: number;
  readonly preSkipS: number;
  readonly track: OpusTrack;
  /** Whether the packet of tags behind the head has passed: all later ones are sound. */
  isPastTags: boolean;
  /** The beginning of a packet that goes on with the next page. */
  pending: readonly Uint8Array[];
}

/**
 * An Ogg Opus file's samples (RFC 7845), without what the encoder padded its end with.
 * Files glued together are read one after the other; other streams beside the first are left out.
 * @throws {AudioUndecodableError}
 */
export function* readOggOpus(bytes: Uint8Array, decoder: OpusPacketDecoder): Generator<DecodedPiece> {
  let stream: Stream | undefined;
  for (const page of readOggPages(bytes)) {
    yield nothingYet;
    // Beginnings of streams side by side come before all else: one that comes later is another file's.
    if (page.isFirst && stream?.isPastTags !== false) stream = openStream(page, decoder) ?? stream;
    if (page.isFirst || stream === undefined || page.serial !== stream.serial) continue;
    const isEndKnown = page.isLast && page.granule >= 0n;
    const endS = isEndKnown ? Number(page.granule) / opusGranuleHz - stream.preSkipS : undefined;
    for (const packet of packetsOf(page, stream)) {
      if (stream.isPastTags) yield stream.track.decode(packet, endS);
      stream.isPastTags = true;
    }
  }
  if (stream === undefined)
    throw new AudioUndecodableError("this Ogg file holds no Opus", "bu Ogg dosyasında Opus yok");
}

/** @returns undefined: the page begins something else than Opus */
function openStream({ packets, serial }: OggPage, decoder: OpusPacketDecoder): Stream | undefined {
  const head = packets[0] === undefined ? undefined : readOpusHead(packets[0]);
  if (head === undefined) return undefined;
  return { serial, preSkipS: head.preSkipS, track: new OpusTrack(decoder, head), isPastTags: false, pending: [] };
}

function* packetsOf({ packets, continues, unfinished }: OggPage, stream: Stream): Generator<Uint8Array> {
  for (const [index, packet] of packets.entries()) {
    const isRest = index === 0 && continues;
    const parts = isRest ? [...stream.pending, packet] : [packet];
    const isBeginningLost = isRest && stream.pending.length === 0;
    stream.pending = [];
    if (isBeginningLost) continue;
    if (unfinished && index === packets.length - 1) stream.pending = parts;
    else yield parts.length === 1 ? packet : Buffer.concat(parts);
  }
}
