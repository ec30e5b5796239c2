/** What reached the ear of one item when it was cut off. */
export interface Cut {
  readonly item: string;
  readonly heardMs: number;
}

export interface Loudspeaker {
  /** Plays after all that waits, or at once. */
  play(item: string, samples: Int16Array, nowMs: number): void;
  /** Falls silent. @returns what was playing or waiting */
  flush(nowMs: number): readonly Cut[];
  /** When the last of it will have been heard; in the past where it is silent. */
  readonly busyUntilMs: number;
  /** Everything that was heard, in its place; silence in between. */
  recording(fromMs: number, toMs: number): Int16Array;
}

interface Piece {
  readonly item: string;
  readonly samples: Int16Array;
  readonly fromMs: number;
  /** Heard up to here; earlier than its end where it was cut. */
  readonly toMs: number;
}

/** A loudspeaker on paper: knows when each sample would be heard, as a browser's player does, and what an interruption leaves unheard. */
export function createLoudspeaker(sampleRate: number): Loudspeaker {
  let pieces: readonly Piece[] = [];
  const busyUntilMs = (): number => pieces.at(-1)?.toMs ?? Number.NEGATIVE_INFINITY;
  return {
    get busyUntilMs() {
      return busyUntilMs();
    },
    play: (item, samples, nowMs) => {
      const fromMs = Math.max(nowMs, busyUntilMs());
      pieces = [...pieces, { item, samples, fromMs, toMs: fromMs + (samples.length * 1000) / sampleRate }];
    },
    flush: (nowMs) => {
      const unheard = new Set(pieces.filter(({ toMs }) => toMs > nowMs).map(({ item }) => item));
      pieces = pieces
        .filter(({ fromMs }) => fromMs < nowMs)
        .map((piece) => ({ ...piece, toMs: Math.min(piece.toMs, nowMs) }));
      return [...unheard].map((item) => ({ item, heardMs: Math.floor(heardOf(pieces, item)) }));
    },
    recording: (fromMs, toMs) => {
      const all = new Int16Array(samplesIn(toMs - fromMs, sampleRate));
      for (const piece of pieces) {
        const at = samplesIn(piece.fromMs - fromMs, sampleRate);
        const heard = piece.samples.subarray(0, samplesIn(piece.toMs - piece.fromMs, sampleRate));
        if (at >= 0) all.set(heard.subarray(0, Math.max(0, all.length - at)), at);
      }
      return all;
    },
  };
}

function heardOf(pieces: readonly Piece[], item: string): number {
  return pieces.filter((piece) => piece.item === item).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

function samplesIn(ms: number, sampleRate: number): number {
  return Math.round((ms * sampleRate) / 1000);
}
