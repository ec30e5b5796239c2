import { heardText } from "./heard-text.ts";

/** One piece of a reply on its way to the ear. */
export interface TrackSegment {
  text: string;
  /** Encoded, not sent yet. */
  waiting: Uint8Array[];
  /** Sent, as long as it may have to be sent again. */
  sent: { readonly bytes: Uint8Array; readonly ms: number }[];
  sentMs: number;
  /** All its audio was made. */
  whole: boolean;
  announced: boolean;
}

/** Removes up to `most` bytes from the head of what waits. */
export function takeBytes(waiting: Uint8Array[], most: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let left = most;
  for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
    pieces.push(first.subarray(0, left));
    if (first.length > left) waiting.unshift(first.subarray(left));
    left -= Math.min(left, first.length);
    if (left === 0) break;
  }
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

/** So far behind, nothing is on its way any more, ms. */
const surelyPlayedMs = 1000;

/** What was surely played need not be kept, only its length. */
export function forgetPlayed(sent: TrackSegment["sent"]): void {
  const [first, second, ...later] = sent;
  if (first === undefined || second === undefined) return;
  if (later.reduce((sum, { ms }) => sum + ms, 0) < surelyPlayedMs) return;
  sent.splice(0, 2, { bytes: new Uint8Array(0), ms: first.ms + second.ms });
}

/**
 * What is left to be played, to be sent again from its beginning: whole pieces of audio, so that at most one is heard twice. The segments
 * themselves are changed, for their audio may still be in the making.
 */
export function unplayed(segments: readonly TrackSegment[], playedMs: number): TrackSegment[] {
  let left = playedMs;
  const rest: TrackSegment[] = [];
  for (const segment of segments) {
    const again: Uint8Array[] = [];
    let playedHere = 0;
    for (const piece of segment.sent) {
      if (left >= piece.ms) {
        left -= piece.ms;
        playedHere += piece.ms;
      } else {
        left = 0;
        again.push(piece.bytes);
      }
    }
    const waiting = [...again, ...segment.waiting];
    if (segment.announced && waiting.length === 0 && segment.whole) continue;
    const { unheard } = segment.announced
      ? heardText(
          [{ text: segment.text, audioMs: segment.sentMs, whole: segment.whole && segment.waiting.length === 0 }],
          playedHere,
        )
      : { unheard: segment.text };
    rest.push(Object.assign(segment, { text: unheard, waiting, sent: [], sentMs: 0, announced: false }));
  }
  return rest;
}
