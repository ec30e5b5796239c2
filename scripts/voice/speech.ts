import {
  decodeAudio,
  floatToInt16,
  int16ToFloat,
  recognizerSampleRate,
  resampled,
} from "../../services/speech/index.ts";
import { callSampleRate } from "./realtime-caller.ts";

/** Quieter than this is not speech; of 32 767. */
const audible = 200;

/**
 * A text as the gateway's own synthesiser says it, at the protocol's rate, without silence before and after: its first sample is where
 * speech begins and its last where it ends.
 * @throws Error the gateway does not speak
 */
export async function spokenText(
  text: string,
  { url, key, voice }: { readonly url: string; readonly key?: string; readonly voice?: string },
): Promise<Int16Array> {
  const response = await fetch(new URL("/v1/audio/speech", url), {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({
      model: "tts-1",
      input: text,
      response_format: "pcm",
      ...(voice === undefined ? {} : { voice }),
    }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw new Error(`/v1/audio/speech ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return trimmed(new Int16Array(await response.arrayBuffer()));
}

/** A recording (WAV, MP3, Opus) at the protocol's rate, without silence before and after. @throws PlatformError it is none */
export async function readSpeech(file: Uint8Array): Promise<Int16Array> {
  const samples = int16ToFloat(await decodeAudio(file, { maxS: 300 }));
  return trimmed(floatToInt16(resampled(samples, recognizerSampleRate, callSampleRate)));
}

/** @returns the part between the first and the last audible sample */
export function trimmed(samples: Int16Array): Int16Array {
  const isAudible = (sample: number): boolean => Math.abs(sample) >= audible;
  return samples.subarray(Math.max(0, samples.findIndex(isAudible)), samples.findLastIndex(isAudible) + 1);
}

/** Samples of silence, `ms` long. */
export function quiet(ms: number): Int16Array {
  return new Int16Array((ms * callSampleRate) / 1000);
}
