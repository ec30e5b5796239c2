import type { VoiceClock } from "./voice-clock.ts";

/** Audio that is sent may be so far ahead of its playback, ms: what is on its way when somebody interrupts. */
export const mostAheadMs = 300;

/** A clock of the client's playback, as far as it can be known from here: it plays what it has as soon as it comes. */
export interface Playback {
  /** Of what was sent, ms. */
  readonly playedMs: number;
  readonly sentMs: number;
  /** How long to wait until so much more may be sent; 0: now. */
  waitMs(pieceMs: number): number;
  sent(pieceMs: number): void;
  /** The client dropped what it had not played, and begins anew. */
  reset(): void;
}

export function createPlayback({ nowMs }: Pick<VoiceClock, "nowMs">): Playback {
  let sentMs = 0;
  let endsAt = 0;
  const ahead = (): number => (sentMs === 0 ? 0 : Math.max(0, endsAt - nowMs()));
  return {
    get playedMs() {
      return sentMs - ahead();
    },
    get sentMs() {
      return sentMs;
    },
    waitMs: (pieceMs) => Math.max(0, ahead() + pieceMs - mostAheadMs),
    sent: (pieceMs) => {
      endsAt = nowMs() + ahead() + pieceMs;
      sentMs += pieceMs;
    },
    reset: () => {
      sentMs = 0;
      endsAt = 0;
    },
  };
}
