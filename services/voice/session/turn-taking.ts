import { recognizerSampleRate, voiceFrameSamples } from "../../speech/index.ts";

/** Length of one frame of voice activity, ms. */
export const frameMs = (voiceFrameSamples * 1000) / recognizerSampleRate;

/** Speech that lasts so long is somebody speaking, ms. */
const onsetMs = 128;
/** Below the threshold by so much, speech has not begun; while it goes on, it has not ended either until it falls below. */
const slack = 0.15;

export type TurnBoundary = "start" | "stop";

export interface FrameFacts {
  /** Probability of speech, 0–1. */
  readonly probability: number;
  /** From which probability on it is speech, 0–1. */
  readonly threshold: number;
  /** So much silence ends the turn, ms. */
  readonly silenceMs: number;
}

/** Where turns begin and end in a stream of voice activity. Counts frames and keeps no clock: the stream's time is what counts. */
export interface TurnDetector {
  readonly speaking: boolean;
  /** Silence at the end of what is being said, ms. */
  readonly silentMs: number;
  /** How long it has been speech by now, silence included, ms. */
  readonly spokenMs: number;
  /** @returns the boundary that this frame completes */
  hear(frame: FrameFacts): TurnBoundary | undefined;
  reset(): void;
}

export function createTurnDetector(): TurnDetector {
  let speaking = false;
  let onset = 0;
  let silentMs = 0;
  let spokenMs = 0;

  const waiting = ({ probability, threshold }: FrameFacts): TurnBoundary | undefined => {
    if (probability >= threshold) onset += frameMs;
    else if (probability < threshold - slack) onset = 0;
    if (onset < onsetMs) return undefined;
    speaking = true;
    silentMs = 0;
    spokenMs = onset;
    return "start";
  };
  const following = ({ probability, threshold, silenceMs }: FrameFacts): TurnBoundary | undefined => {
    silentMs = probability < threshold - slack ? silentMs + frameMs : 0;
    spokenMs += frameMs;
    if (silentMs < silenceMs) return undefined;
    reset();
    return "stop";
  };
  const reset = (): void => {
    speaking = false;
    onset = 0;
    silentMs = 0;
    spokenMs = 0;
  };
  return {
    get speaking() {
      return speaking;
    },
    get silentMs() {
      return silentMs;
    },
    get spokenMs() {
      return spokenMs;
    },
    hear: (frame) => (speaking ? following(frame) : waiting(frame)),
    reset,
  };
}
