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
  replyEnded(): void;
  /** Somebody speaks, or something else goes on. */
  disturbed(): void;
  /** Somebody said something. */
  answered(): void;
}

export function createIdleWatch({ clock, idleMs, heardMs, isQuiet, ask }: IdleWatchParts): IdleWatch {
  let callOff: (() => void) | undefined;
  let asked = false;
  const disturbed = (): void => {
    callOff?.();
    callOff = undefined;
  };
  return {
    disturbed,
    answered: () => {
      asked = false;
    },
    replyEnded: () => {
      disturbed();
      const waitMs = idleMs();
      if (waitMs === null || asked) return;
      const sinceMs = heardMs();
      callOff = clock.after(waitMs, () => {
        if (!isQuiet()) return;
        asked = true;
        ask(sinceMs);
      });
    },
  };
}
