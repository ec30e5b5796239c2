import { orAbort, type PlatformError, within } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import {
  RecognizerUnavailableError,
  SynthesizerUnavailableError,
  VoiceActivityUnavailableError,
} from "../../speech/index.ts";
import type { SessionPatch } from "../events/index.ts";
import type { VoiceSessionParts } from "./parts.ts";

type Speech = VoiceSessionParts["speech"];

/** What of speech is missing; undefined: it works. */
export interface Readiness {
  readonly recognizer: PlatformError | undefined;
  readonly synthesizer: PlatformError | undefined;
  readonly voiceActivity: PlatformError | undefined;
}

/** Waits until speech can work, or it is known what cannot. Never rejects. */
export async function speechReadiness(speech: Speech, waitMs: number, signal: AbortSignal): Promise<Readiness> {
  const [recognizer, synthesizer, voiceActivity] = await Promise.all([
    ready(speech.recognizer, waitMs, signal, () => new RecognizerUnavailableError()),
    ready(speech.synthesizer, waitMs, signal, () => new SynthesizerUnavailableError()),
    ready(speech.voiceActivity, waitMs, signal, () => new VoiceActivityUnavailableError()),
  ]);
  return { recognizer, synthesizer, voiceActivity };
}

/**
 * What an update asks for must be there: a voice where replies are to be spoken, voice activity where it is to find turns. What was missing
 * may have come back.
 * @param isListening voice activity works already
 * @returns whether voice activity has come
 * @throws {SynthesizerUnavailableError} @throws {VoiceActivityUnavailableError}
 */
export async function requireReady(
  patch: SessionPatch,
  { speech, waits }: Pick<VoiceSessionParts, "speech" | "waits">,
  isListening: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const speaks = patch.output_modalities?.includes("audio") === true;
  const finds = !isListening && patch.audio?.input?.turn_detection != null;
  const missing = [
    speaks
      ? await ready(speech.synthesizer, waits.readyMs, signal, () => new SynthesizerUnavailableError())
      : undefined,
    finds
      ? await ready(speech.voiceActivity, waits.readyMs, signal, () => new VoiceActivityUnavailableError())
      : undefined,
  ].find((error) => error !== undefined);
  if (missing !== undefined) throw missing;
  return finds;
}

/** @param late why it cannot be waited for any longer @returns why it does not work */
async function ready(
  part: { ready(signal?: AbortSignal): Promise<void> },
  waitMs: number,
  signal: AbortSignal,
  late: () => PlatformError,
): Promise<PlatformError | undefined> {
  try {
    await orAbort(within(waitMs, part.ready(signal), late), signal);
    return undefined;
  } catch (failure) {
    return asPlatformError(failure);
  }
}
