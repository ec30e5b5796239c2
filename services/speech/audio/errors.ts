import { PlatformError } from "../../foundation/index.ts";

/** What was sent is no audio that can be read, or breaks off before anything can be heard. */
export class AudioUndecodableError extends PlatformError {
  override readonly name = "AudioUndecodableError";
  /** @param whyTr the same reason in Turkish; both end up in a sentence, so neither has a full stop */
  constructor(why: string, whyTr: string, cause?: unknown) {
    super({
      code: "audio_undecodable",
      status: 400,
      message: `The audio cannot be read: ${why}. WAV, MP3, Ogg Opus and WebM Opus are understood.`,
      messageTr: `Ses okunamıyor: ${whyTr}. WAV, MP3, Ogg Opus ve WebM Opus anlaşılır.`,
      param: "file",
      cause,
    });
  }
}

export class AudioTooLongError extends PlatformError {
  override readonly name = "AudioTooLongError";
  constructor(maxS: number) {
    super({
      code: "audio_too_long",
      status: 413,
      message: `The recording is longer than ${maxS} seconds.`,
      messageTr: `Kayıt ${maxS} saniyeden uzun.`,
      param: "file",
    });
  }
}

/** Speech cannot be given in this format. */
export class AudioFormatUnsupportedError extends PlatformError {
  override readonly name = "AudioFormatUnsupportedError";
  constructor(format: string, supported: readonly string[]) {
    super({
      code: "audio_format_unsupported",
      status: 400,
      message: `Speech is not given as ${format}. It is given as: ${supported.join(", ")}.`,
      messageTr: `Konuşma ${format} olarak verilmez. Verilenler: ${supported.join(", ")}.`,
      param: "response_format",
    });
  }
}

export class AudioTooLargeError extends PlatformError {
  override readonly name = "AudioTooLargeError";
  constructor(maxBytes: number) {
    super({
      code: "audio_too_large",
      status: 413,
      message: `The file is larger than ${maxBytes} bytes.`,
      messageTr: `Dosya ${maxBytes} bayttan büyük.`,
      param: "file",
    });
  }
}

/** The text to be read aloud is longer than one speech may be. */
export class SpeechTextTooLongError extends PlatformError {
  override readonly name = "SpeechTextTooLongError";
  constructor(maxCharacters: number) {
    super({
      code: "speech_text_too_long",
      status: 413,
      message: `The text is longer than ${maxCharacters} characters.`,
      messageTr: `Metin ${maxCharacters} karakterden uzun.`,
      param: "input",
    });
  }
}
