import { setImmediate as turn } from "node:timers/promises";
import {
  type Recognition,
  type RecognitionOptions,
  type Recognizer,
  recognizerSampleRate,
  type Synthesizer,
  type Utterance,
  type VoiceActivity,
  type VoiceActivityStream,
  VoiceUnknownError,
  voiceFrameSamples,
} from "../../services/speech/index.ts";

export interface RecognizerCall {
  readonly samples: Float32Array;
  readonly options: RecognitionOptions;
}

export interface RecognizerScript {
  readonly name?: string;
  readonly partials?: boolean;
  readonly syntheticOnly?: boolean;
  /** What was heard: a text, or a whole recognition; `call` counts from 0. Throwing is being broken. Default: "merhaba". */
  readonly hear?: (
    heard: RecognizerCall & { readonly call: number; readonly signal: AbortSignal },
  ) => string | Recognition | Promise<string | Recognition>;
  readonly ready?: () => Promise<void>;
}

/** A recogniser that hears what its script says and remembers what it was asked. */
export interface ScriptedRecognizer extends Recognizer {
  readonly calls: readonly RecognizerCall[];
}

export function scriptedRecognizer(script: RecognizerScript = {}): ScriptedRecognizer {
  const { hear = () => "merhaba" } = script;
  const calls: RecognizerCall[] = [];
  return {
    name: script.name ?? "scripted",
    partials: script.partials ?? true,
    syntheticOnly: script.syntheticOnly ?? false,
    calls,
    ready: async () => script.ready?.(),
    async recognize(samples, options, signal) {
      signal.throwIfAborted();
      const call = { samples: samples.slice(), options };
      calls.push(call);
      const heard = await hear({ ...call, call: calls.length - 1, signal });
      signal.throwIfAborted();
      return typeof heard === "string" ? recognition(heard, (samples.length / recognizerSampleRate) * 1000) : heard;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** `text` with its words spread evenly over `durationMs`, all as sure as `confidence`. */
export function recognition(text: string, durationMs: number, confidence = 0.9): Recognition {
  const words = text.split(" ").filter((word) => word !== "");
  const each = durationMs / Math.max(1, words.length);
  return {
    text,
    confidence: words.length === 0 ? 0 : confidence,
    words: words.map((word, index) => ({
      text: word,
      startMs: Math.round(index * each),
      endMs: Math.round((index + 1) * each),
      confidence,
    })),
  };
}

export interface SynthesizerScript {
  readonly name?: string;
  /** Default 22 050, as espeak. */
  readonly sampleRate?: number;
  readonly voices?: readonly string[];
  /** Length of what is said. Default 60. */
  readonly msPerCharacter?: number;
  /** Length of one piece. Default 100. */
  readonly pieceMs?: number;
  /** Awaited before each piece, so a test can hold the speech back; throwing is being broken. */
  readonly beforePiece?: (piece: { readonly utterance: Utterance; readonly index: number }) => void | Promise<void>;
  readonly ready?: () => Promise<void>;
}

/** A synthesiser that hums: a tone whose length follows the text. Remembers what it said and what was cut off. */
export interface ScriptedSynthesizer extends Synthesizer {
  readonly utterances: readonly Utterance[];
  /** Utterances that were given up before their end. */
  readonly aborted: readonly Utterance[];
}

export function scriptedSynthesizer(script: SynthesizerScript = {}): ScriptedSynthesizer {
  const { sampleRate = 22_050, voices = ["tr", "tr+f2"], msPerCharacter = 60, pieceMs = 100 } = script;
  const utterances: Utterance[] = [];
  const aborted: Utterance[] = [];
  return {
    name: script.name ?? "scripted",
    sampleRate,
    voices,
    utterances,
    aborted,
    ready: async () => script.ready?.(),
    async *synthesize(utterance, signal) {
      signal.throwIfAborted();
      if (utterance.voice !== undefined && !voices.includes(utterance.voice)) throw new VoiceUnknownError(voices);
      utterances.push(utterance);
      const samples = tone((utterance.text.length * msPerCharacter) / (utterance.speed ?? 1), sampleRate);
      const size = Math.round((pieceMs / 1000) * sampleRate);
      let whole = false;
      try {
        for (let from = 0, index = 0; from < samples.length; from += size, index++) {
          await (script.beforePiece?.({ utterance, index }) ?? turn());
          signal.throwIfAborted();
          yield int16(samples.subarray(from, from + size));
        }
        whole = true;
      } finally {
        if (!whole) aborted.push(utterance);
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

export interface VoiceActivityScript {
  /** Probability of speech in a frame; `index` counts from 0 since the stream opened or was reset. Default: 0.95 where it is loud, else 0.02. */
  readonly probability?: (frame: Float32Array, index: number) => number;
  readonly ready?: () => Promise<void>;
}

/** Voice activity that goes by loudness alone, so any tone is speech and any silence is none. */
export interface ScriptedVoiceActivity extends VoiceActivity {
  /** How many streams are open now. */
  openStreams(): number;
}

export function scriptedVoiceActivity(script: VoiceActivityScript = {}): ScriptedVoiceActivity {
  const { probability = (frame: Float32Array) => (loudness(frame) > 0.01 ? 0.95 : 0.02) } = script;
  const streams = new Set<VoiceActivityStream>();
  return {
    ready: async () => script.ready?.(),
    open() {
      let frames = 0;
      const stream: VoiceActivityStream = {
        async feed(samples) {
          if (samples.length % voiceFrameSamples !== 0)
            throw new RangeError(`${samples.length} samples are no whole number of frames.`);
          const found = new Float32Array(samples.length / voiceFrameSamples);
          for (let at = 0; at < found.length; at++)
            found[at] = probability(samples.subarray(at * voiceFrameSamples, (at + 1) * voiceFrameSamples), frames++);
          return found;
        },
        reset: () => {
          frames = 0;
        },
        close: () => {
          streams.delete(stream);
        },
      };
      streams.add(stream);
      return stream;
    },
    openStreams: () => streams.size,
    async [Symbol.asyncDispose]() {},
  };
}

/** A sine, as loud as speech. @param amplitude 0–1 */
export function tone(durationMs: number, sampleRate = recognizerSampleRate, hz = 220, amplitude = 0.3): Float32Array {
  const samples = new Float32Array(Math.round((durationMs / 1000) * sampleRate));
  for (let at = 0; at < samples.length; at++) samples[at] = amplitude * Math.sin((2 * Math.PI * hz * at) / sampleRate);
  return samples;
}

export function silence(durationMs: number, sampleRate = recognizerSampleRate): Float32Array {
  return new Float32Array(Math.round((durationMs / 1000) * sampleRate));
}

/** One recording after the other. */
export function joined(...parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function int16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}
