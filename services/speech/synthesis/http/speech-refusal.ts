import {
  SpeechQueueFullError,
  SpeechSetupError,
  SynthesizerUnavailableError,
  VoiceUnknownError,
} from "../../errors.ts";

/**
 * What an answer that is no speech means to our caller. Its own words stay in the cause: they may quote the text.
 * @param body as far as it was read; OpenAI's shape where it is JSON
 * @param voices to name where ours is not known there
 */
export function speechRefusal(status: number, body: string, voices: readonly string[]): Error {
  if (status === 401 || status === 403) {
    return new SynthesizerUnavailableError(
      new SpeechSetupError({
        en: "The speech server refuses the token: check speech.synthesizer.token.",
        tr: "Konuşma sunucusu anahtarı kabul etmiyor: speech.synthesizer.token ayarını denetleyin.",
      }),
    );
  }
  if (status === 429) return new SpeechQueueFullError();
  if ((status === 400 || status === 404 || status === 422) && blamesVoice(body)) return new VoiceUnknownError(voices);
  return new SynthesizerUnavailableError(new Error(`The speech server answered ${status}.`));
}

function blamesVoice(body: string): boolean {
  try {
    const { error } = JSON.parse(body) as { error?: { param?: unknown; code?: unknown } };
    if (error?.param === "voice" || error?.code === "voice_unknown") return true;
  } catch {
    // Not JSON: its words decide.
  }
  return /\bvoice\b/i.test(body);
}
