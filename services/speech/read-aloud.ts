import type { Synthesizer } from "./synthesizer.ts";
import { speechSegments } from "./text/speech-segments.ts";

export interface ReadAloudOptions {
  /** Default the synthesiser's first. */
  readonly voice?: string;
  /** 0.25–4, 1 = the voice's own. */
  readonly speed?: number;
}

/** Silences are given in pieces too, so that nobody waits for a long one to be sent. */
const pausePieceMs = 100;

/**
 * A text, written Turkish or SSML, as speech at the synthesiser's rate, in pieces as they come. Says nothing where there is nothing to say.
 * @throws {SsmlInvalidError} @throws {VoiceUnknownError} @throws {SynthesizerUnavailableError}
 */
export async function* readAloud(
  text: string,
  synthesizer: Synthesizer,
  { voice, speed = 1 }: ReadAloudOptions,
  signal: AbortSignal,
): AsyncGenerator<Int16Array> {
  const segments = speechSegments(text, { speed });
  await synthesizer.ready(signal);
  for (const segment of segments)
    if ("pauseMs" in segment) yield* pause(segment.pauseMs, synthesizer.sampleRate, signal);
    else yield* synthesizer.synthesize({ ...segment, ...(voice === undefined ? {} : { voice }) }, signal);
}

function* pause(ms: number, sampleRate: number, signal: AbortSignal): Generator<Int16Array> {
  for (let at = 0; at < ms; at += pausePieceMs) {
    signal.throwIfAborted();
    yield new Int16Array(Math.round((Math.min(pausePieceMs, ms - at) / 1000) * sampleRate));
  }
}
