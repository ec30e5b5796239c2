import { EventQueue, PlatformError } from "../../foundation/index.ts";
import {
  type Synthesizer,
  SynthesizerUnavailableError,
  type Utterance,
  WireEncoder,
  type WireFormat,
} from "../../speech/index.ts";
import { heardText, type SpokenSegment } from "./heard-text.ts";
import { createPlayback } from "./paced-output.ts";
import { createSpokenText } from "./spoken-text.ts";
import { forgetPlayed, type TrackSegment, takeBytes, unplayed } from "./track-segment.ts";
import type { MadeAudio } from "./turn-timer.ts";
import type { VoiceClock } from "./voice-clock.ts";

export interface SpeechTrackParts {
  readonly synthesizer: Synthesizer;
  /** How the reply's pieces are said: normalised text, voice and speed. */
  readonly utterance: (text: string) => Utterance;
  readonly format: WireFormat;
  readonly clock: VoiceClock;
  /** Longest wait for a piece's next samples, ms. */
  readonly limitMs: number;
  /** A piece of the reply whose audio begins now. */
  readonly onText: (text: string) => void;
  readonly onAudio: (bytes: Uint8Array, ms: number) => void;
}

/** What of a reply was played before it stopped. */
export interface Played {
  readonly heard: string;
  readonly ms: number;
  /** In order; with their audio as far as it was sent. */
  readonly segments: readonly SpokenSegment[];
}

/** A reply on its way to the ear: text in, paced audio out. */
export interface SpeechTrack {
  say(delta: string): void;
  /** No more text will come. */
  finish(): void;
  /** Resolves when everything was sent; rejects when the synthesiser failed. Stays open while held and when stopped. */
  readonly spoken: Promise<void>;
  readonly made: MadeAudio;
  readonly played: Played;
  /** Sends nothing from now on. @returns what was played; the rest waits for `resume` */
  hold(): Played;
  /** Goes on with what was not played, as a new piece of speech with times of its own. */
  resume(): void;
  /** For good. */
  stop(): void;
}

/** First piece short, for the sake of the first word; then fewer, longer ones. */
const firstPieceMs = 40;
const pieceMs = 80;
/** Audio that is made ahead of being sent, ms: gaps between sentences disappear, and little is made for nobody. */
const mostMadeAheadMs = 4000;

export function createSpeechTrack(parts: SpeechTrackParts): SpeechTrack {
  const { synthesizer, format, clock, onText, onAudio } = parts;
  const bytesPerMs = ((format.encoding === "pcm16" ? 2 : 1) * format.sampleRate) / 1000;
  const text = createSpokenText();
  const pieces = new EventQueue<{ readonly text: string; readonly audible: boolean }>();
  const stopping = new AbortController();
  const playback = createPlayback(clock);
  let segments: TrackSegment[] = [];
  let allMade = false;
  let held = false;
  let tookMs = 0;
  let audioMs = 0;
  let callOff: (() => void) | undefined;
  let room: (() => void) | undefined;
  let resolve: () => void = () => {};
  let reject: (failure: PlatformError) => void = () => {};
  const spoken = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // Whoever holds it may have stopped waiting.
  spoken.catch(() => {});

  const waitingMs = (): number =>
    segments.reduce((sum, { waiting }) => sum + waiting.reduce((bytes, { length }) => bytes + length, 0), 0) /
    bytesPerMs;

  /** Sends what may be sent, and comes back when more may. */
  const pump = (): void => {
    callOff?.();
    callOff = undefined;
    while (!held && !stopping.signal.aborted) {
      const next = segments.find(({ waiting, announced }) => waiting.length > 0 || !announced);
      if (next === undefined) {
        if (allMade) resolve();
        return;
      }
      if (!next.announced) {
        // Its text is said when its first sound is there; silent pieces are said in passing.
        if (next.waiting.length === 0 && !next.whole) return;
        next.announced = true;
        onText(next.text);
        continue;
      }
      const wanted = playback.sentMs === 0 ? firstPieceMs : pieceMs;
      const waitMs = playback.waitMs(wanted);
      if (waitMs > 0) {
        callOff = clock.after(waitMs, pump);
        return;
      }
      send(next, wanted);
    }
  };
  const send = (segment: TrackSegment, wantedMs: number): void => {
    const bytes = takeBytes(segment.waiting, Math.round(wantedMs * bytesPerMs));
    const ms = bytes.length / bytesPerMs;
    segment.sent.push({ bytes, ms });
    forgetPlayed(segment.sent);
    segment.sentMs += ms;
    playback.sent(ms);
    onAudio(bytes, ms);
    room?.();
  };

  /** Waits for room; @returns whether to go on */
  const haveRoom = async (): Promise<boolean> => {
    while (!stopping.signal.aborted && waitingMs() > mostMadeAheadMs)
      await new Promise<void>((wake) => {
        room = wake;
      });
    return !stopping.signal.aborted;
  };
  const make = async (segment: TrackSegment): Promise<void> => {
    const utterance = parts.utterance(segment.text.trim());
    // Marks of sources, for one, are read and not said.
    if (utterance.text === "") return;
    const encoder = new WireEncoder(synthesizer.sampleRate, format);
    const take = (bytes: Uint8Array): void => {
      if (bytes.length === 0) return;
      segment.waiting.push(bytes);
      pump();
    };
    let begun = clock.nowMs();
    const speech = synthesizer.synthesize(utterance, stopping.signal)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await timely(speech.next());
        tookMs += clock.nowMs() - begun;
        if (next.done === true) break;
        audioMs += (next.value.length * 1000) / synthesizer.sampleRate;
        take(encoder.push(next.value));
        if (!(await haveRoom())) return;
        begun = clock.nowMs();
      }
      take(encoder.flush());
    } finally {
      // Not awaited: one that hangs would keep us too.
      void Promise.resolve(speech.return?.()).catch(() => {});
    }
  };
  const timely = <T>(work: Promise<T>): Promise<T> =>
    new Promise((done, fail) => {
      const late = clock.after(parts.limitMs, () => fail(new SynthesizerUnavailableError()));
      const leave = (): void => fail(stopping.signal.reason);
      stopping.signal.addEventListener("abort", leave, { once: true });
      work.then(done, fail).finally(() => {
        late();
        stopping.signal.removeEventListener("abort", leave);
      });
    });
  const run = async (): Promise<void> => {
    for await (const piece of pieces) {
      if (stopping.signal.aborted) return;
      const segment: TrackSegment = {
        text: piece.text,
        waiting: [],
        sent: [],
        sentMs: 0,
        whole: false,
        announced: false,
      };
      segments.push(segment);
      if (piece.audible) await make(segment);
      segment.whole = true;
      pump();
    }
    allMade = true;
    pump();
  };
  run().catch((failure: unknown) => {
    if (!stopping.signal.aborted) reject(typed(failure));
  });

  const playedNow = (): Played => {
    const begun = segments.filter(({ announced }) => announced);
    const spokenSegments = begun.map(({ text: words, sentMs, waiting, whole }) => ({
      text: words,
      audioMs: sentMs,
      whole: whole && waiting.length === 0,
    }));
    const { playedMs } = playback;
    return { heard: heardText(spokenSegments, playedMs).heard, ms: playedMs, segments: spokenSegments };
  };

  return {
    spoken,
    get made() {
      return { tookMs, audioMs };
    },
    get played() {
      return playedNow();
    },
    say: (delta) => {
      for (const piece of text.push(delta)) pieces.push(piece);
    },
    finish: () => {
      for (const piece of text.flush()) pieces.push(piece);
      pieces.end();
    },
    hold: () => {
      held = true;
      callOff?.();
      const played = playedNow();
      segments = unplayed(segments, played.ms);
      playback.reset();
      return played;
    },
    resume: () => {
      held = false;
      pump();
    },
    stop: () => {
      callOff?.();
      stopping.abort();
      pieces.end();
      segments = [];
      room?.();
    },
  };
}

function typed(failure: unknown): PlatformError {
  return failure instanceof PlatformError ? failure : new SynthesizerUnavailableError(failure);
}
