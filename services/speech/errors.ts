import { PlatformError } from "../foundation/index.ts";

/** Nothing here turns speech into text: switched off, its model is missing, or it broke. */
export class RecognizerUnavailableError extends PlatformError {
  override readonly name = "RecognizerUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "recognizer_unavailable",
      status: 503,
      message: withCure("Speech recognition is not available right now.", cause, "message"),
      messageTr: withCure("Konuşma tanıma şu anda kullanılamıyor.", cause, "messageTr"),
      retryAfterS: 5,
      cause,
    });
  }
}

/** Nothing here turns text into speech: switched off, its package is missing, or it broke. */
export class SynthesizerUnavailableError extends PlatformError {
  override readonly name = "SynthesizerUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "synthesizer_unavailable",
      status: 503,
      message: withCure("Speech synthesis is not available right now.", cause, "message"),
      messageTr: withCure("Konuşma sentezi şu anda kullanılamıyor.", cause, "messageTr"),
      retryAfterS: 5,
      cause,
    });
  }
}

export class VoiceUnknownError extends PlatformError {
  override readonly name = "VoiceUnknownError";
  /** @param voices those there are */
  constructor(voices: readonly string[]) {
    super({
      code: "voice_unknown",
      status: 400,
      message: `There is no such voice. There are: ${voices.join(", ")}.`,
      messageTr: `Böyle bir ses yok. Olanlar: ${voices.join(", ")}.`,
      param: "voice",
    });
  }
}

export class VoiceActivityUnavailableError extends PlatformError {
  override readonly name = "VoiceActivityUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "voice_activity_unavailable",
      status: 503,
      message: withCure("Voice activity detection is not available right now.", cause, "message"),
      messageTr: withCure("Ses algılama şu anda kullanılamıyor.", cause, "messageTr"),
      retryAfterS: 5,
      cause,
    });
  }
}

/** What a recogniser or a synthesiser needs is not there: a package, a model, an address. Only whoever runs the platform can help. */
export class SpeechSetupError extends PlatformError {
  override readonly name = "SpeechSetupError";
  /** @param what one sentence each that names the missing piece and its cure; no paths, since callers may see it */
  constructor(what: { readonly en: string; readonly tr: string }, cause?: unknown) {
    super({ code: "speech_setup_incomplete", status: 503, message: what.en, messageTr: what.tr, cause });
  }
}

/** More utterances wait than `speech.queueLimit` allows. */
export class SpeechQueueFullError extends PlatformError {
  override readonly name = "SpeechQueueFullError";
  constructor() {
    super({
      code: "speech_queue_full",
      status: 503,
      message: "Too much speech is waiting; try again shortly.",
      messageTr: "Bekleyen konuşma çok fazla; lütfen birazdan yeniden deneyin.",
      retryAfterS: 2,
    });
  }
}

/** An incomplete setup is said with its cure; other causes are for the log. */
function withCure(sentence: string, cause: unknown, language: "message" | "messageTr"): string {
  return cause instanceof SpeechSetupError ? `${sentence} ${cause[language] ?? cause.message}` : sentence;
}
