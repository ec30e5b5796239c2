import { PlatformError, within } from "../../foundation/index.ts";
import {
  recognizerSampleRate,
  type VoiceActivityStream,
  VoiceActivityUnavailableError,
  voiceFrameSamples,
} from "../../speech/index.ts";
import type { AudioFormat } from "../events/index.ts";
import { type InputDecoder, openInputDecoder } from "./input-decoder.ts";
import { joinSamples } from "./join-samples.ts";
import { createTurnDetector, frameMs } from "./turn-taking.ts";
import { createUtteranceBuffer } from "./utterance-buffer.ts";

/** How to listen at this moment. */
export interface ListeningRules {
  /** Probability from which sound is speech, 0–1. */
  readonly threshold: number;
  /** Silence that ends what is being said, ms. */
  readonly silenceMs: number;
  /** Kept from before the first frame of speech, ms. */
  readonly prefixMs: number;
}

/** Audio of one utterance; its times are those of the session's whole input. */
export interface HeardAudio {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly startMs: number;
  readonly endMs: number;
  /** Frames of speech so far; two readings with the same count hold the same words. */
  readonly spokenFrames: number;
  /** Silence at its end, ms. */
  readonly silentMs: number;
}

export interface HearingListener {
  /** Asked for every frame; undefined: nobody looks for speech, the client says what is to be committed. */
  rules(): ListeningRules | undefined;
  /** @param startMs of the utterance, prefix included @param spokenMs speech so far */
  onStart(startMs: number, spokenMs: number): void;
  /** Every frame of an utterance. `read` copies what there is of it. */
  onSpeech(silentMs: number, spokenMs: number, read: () => HeardAudio): void;
  onStop(audio: HeardAudio): void;
  /** Voice activity failed; the audio was kept all the same. Told once until it works again. */
  onDeaf(failure: PlatformError): void;
  /** More audio has come without an end than may be kept; the rest is not heard. Told once an utterance. */
  onFull(): void;
}

/** The ear: bytes of the wire → frames → voice activity → where utterances begin and end. */
export interface Hearing {
  /** Length of all audio heard, ms. */
  readonly heardMs: number;
  /** Of that, what was neither committed nor forgotten. */
  readonly bufferedMs: number;
  /**
   * Messages as they came, in the format that is set. Calls must not overlap.
   * @throws {InvalidAudioError} one of them is no audio; the others were heard
   */
  hear(messages: readonly Uint8Array[]): Promise<void>;
  /** What was heard since the last commit, and forgets it; what is being said then begins anew. */
  take(): HeardAudio;
  forget(): void;
  /** From the next message on. */
  setFormat(format: AudioFormat): void;
  close(): void;
}

/** Somebody who speaks longer is answered in between, ms. */
const longestUtteranceMs = 60_000;
/** What a client that commits by itself may leave uncommitted, ms. */
const mostUncommittedMs = 300_000;
const onsetMs = 128;
const samplesPerMs = recognizerSampleRate / 1000;

/**
 * @param activity undefined: there is none, and utterances are found by nobody
 * @param limitMs longest wait for voice activity
 */
export function createHearing(
  format: AudioFormat,
  activity: () => VoiceActivityStream | undefined,
  limitMs: number,
  listener: HearingListener,
): Hearing {
  let decoder = opened(format);
  let rest = new Float32Array(0);
  const buffer = createUtteranceBuffer();
  const detector = createTurnDetector();
  let spokenFrames = 0;
  let deaf = false;
  let full = false;

  const read = (): HeardAudio => ({
    samples: buffer.read(),
    startMs: buffer.startMs,
    endMs: buffer.endMs,
    spokenFrames,
    silentMs: detector.silentMs,
  });
  const forget = (): void => {
    buffer.clear();
    detector.reset();
    full = false;
  };
  const keep = (samples: Float32Array): void => {
    if (buffer.endMs - buffer.startMs < mostUncommittedMs) buffer.push(samples);
    else if (!full) {
      full = true;
      listener.onFull();
    }
  };
  const hearFrame = (frame: Float32Array, probability: number | undefined): void => {
    keep(frame);
    const rules = probability === undefined ? undefined : listener.rules();
    if (rules === undefined || probability === undefined) return;
    const { silentMs: before } = detector;
    const boundary = detector.hear({ probability, ...rules });
    if (boundary === "start") listener.onStart(buffer.startMs, detector.spokenMs);
    if (detector.speaking) {
      if (detector.silentMs === 0) spokenFrames++;
      listener.onSpeech(detector.silentMs, detector.spokenMs, read);
    } else if (boundary === undefined) buffer.keepLast(rules.prefixMs + onsetMs - frameMs);
    if (boundary === "stop" || detector.spokenMs >= longestUtteranceMs) {
      const audio = { ...read(), silentMs: boundary === "stop" ? before + frameMs : 0 };
      forget();
      listener.onStop(audio);
    }
  };
  const hearSamples = async (samples: Float32Array): Promise<void> => {
    const whole = samples.length - (samples.length % voiceFrameSamples);
    rest = samples.slice(whole);
    if (whole === 0) return;
    // A copy: it goes to another thread.
    const probabilities = await judge(samples.slice(0, whole));
    for (let at = 0; at < whole; at += voiceFrameSamples)
      hearFrame(samples.subarray(at, at + voiceFrameSamples), probabilities?.[at / voiceFrameSamples]);
  };
  /** Probability of speech, frame by frame; undefined where nobody can tell. */
  const judge = async (frames: Float32Array): Promise<Float32Array | undefined> => {
    const stream = activity();
    if (stream === undefined || listener.rules() === undefined) return undefined;
    try {
      const probabilities = await within(limitMs, stream.feed(frames), () => new VoiceActivityUnavailableError());
      deaf = false;
      return probabilities;
    } catch (thrown) {
      if (!deaf) listener.onDeaf(thrown instanceof PlatformError ? thrown : new VoiceActivityUnavailableError(thrown));
      deaf = true;
      return undefined;
    }
  };

  return {
    get heardMs() {
      return buffer.endMs;
    },
    get bufferedMs() {
      return Math.round(buffer.endMs - buffer.startMs + rest.length / samplesPerMs);
    },
    hear: async (messages) => {
      const { samples, fault } = decoded(messages, await decoder);
      await hearSamples(joinSamples([rest, ...samples]));
      if (fault !== undefined) throw fault;
    },
    take: () => {
      buffer.push(rest);
      rest = new Float32Array(0);
      const audio = read();
      forget();
      return audio;
    },
    forget: () => {
      rest = new Float32Array(0);
      forget();
    },
    setFormat: (changed) => {
      letGo(decoder);
      decoder = opened(changed);
    },
    close: () => {
      letGo(decoder);
      activity()?.close();
    },
  };
}

function opened(format: AudioFormat): Promise<InputDecoder> {
  const decoder = openInputDecoder(format);
  // Whoever hears next is told.
  decoder.catch(() => {});
  return decoder;
}

function letGo(decoder: Promise<InputDecoder>): void {
  decoder.then(
    (open) => open[Symbol.dispose](),
    () => {},
  );
}

function decoded(messages: readonly Uint8Array[], decoder: InputDecoder) {
  const samples: Float32Array[] = [];
  let fault: unknown;
  for (const message of messages) {
    try {
      samples.push(decoder.push(message));
    } catch (thrown) {
      fault ??= thrown;
    }
  }
  return { samples, fault };
}
