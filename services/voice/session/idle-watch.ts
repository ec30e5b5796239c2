import type { VoiceClock } from "./voice-clock.ts";

export interface IdleWatchParts {
  readonly clock: VoiceClock;
  /** How long nobody may say anything after a reply, ms; null: for ever. */
  readonly idleMs: () => number | null;
  /** Length of the audio heard, ms. */
  readonly heardMs: () => number;
  /** Nobody speaks and nothing is under way. */
  readonly isQuiet: () => boolean;
  /** @param sinceMs heard audio from which on nothing was said */
  readonly ask: (sinceMs: number) => void;
}

/** After a reply nobody may have anything to say. Asked once, we do not ask again until somebody has. */
export interface IdleWatch {
  replyBegan(): void;
  replyEnded(): void;
  /** Somebody speaks, it seems. */
  voiceBegan(): void;
  /** It was a cough, or nobody will know: the wait begins anew. */
  nothingSaid(): void;
  /** Somebody said something. */
  answered(): void;
  close(): void;
}

export function createIdleWatch({ clock, idleMs, heardMs, isQuiet, ask }: IdleWatchParts): IdleWatch {
  let callOff: (() => void) | undefined;
  let asked = false;
  /** A reply has ended, and nobody has answered it. */
  let unanswered = false;
  const rest = (): void => {
    callOff?.();
    callOff = undefined;
  };
  const wait = (): void => {
    rest();
    const waitMs = idleMs();
    if (waitMs === null || asked || !unanswered) return;
    const sinceMs = heardMs();
    callOff = clock.after(waitMs, () => {
      if (!isQuiet()) return;
      asked = true;
      ask(sinceMs);
    });
  };
  return {
    replyBegan: () => {
      unanswered = false;
      rest();
    },
    replyEnded: () => {
      unanswered = true;
      wait();
    },
    voiceBegan: rest,
    nothingSaid: wait,
    answered: () => {
      asked = false;
      unanswered = false;
    },
    close: rest,
  };
}
