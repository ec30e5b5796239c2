import { PlatformError } from "../../foundation/index.ts";

/** Less audio than can be understood stands in the buffer. */
export class AudioBufferTooSmallError extends PlatformError {
  override readonly name = "AudioBufferTooSmallError";
  constructor(bufferedMs: number, neededMs: number) {
    super({
      code: "input_audio_buffer_commit_empty",
      status: 400,
      message: `The input audio buffer is too small to commit: it holds ${bufferedMs} ms, ${neededMs} ms are needed.`,
      messageTr: `Ses arabelleği işlenemeyecek kadar kısa: ${bufferedMs} ms ses var, en az ${neededMs} ms gerekir.`,
    });
  }
}

/** More audio than may wait for a commit. */
export class AudioBufferFullError extends PlatformError {
  override readonly name = "AudioBufferFullError";
  constructor() {
    super({
      code: "input_audio_buffer_full",
      status: 413,
      message: "The input audio buffer is full; what came after is not heard. Commit or clear it.",
      messageTr: "Ses arabelleği dolu; sonrası duyulmadı. Arabelleği işleyin ya da boşaltın.",
    });
  }
}

/** One reply at a time. */
export class ResponseActiveError extends PlatformError {
  override readonly name = "ResponseActiveError";
  constructor() {
    super({
      code: "conversation_already_has_active_response",
      status: 409,
      message: "A response is under way. Wait until it is done, or cancel it.",
      messageTr: "Süren bir yanıt var. Bitmesini bekleyin ya da iptal edin.",
    });
  }
}

export class NoActiveResponseError extends PlatformError {
  override readonly name = "NoActiveResponseError";
  constructor() {
    super({
      code: "response_cancel_not_active",
      status: 400,
      message: "There is no response to cancel.",
      messageTr: "İptal edilecek bir yanıt yok.",
    });
  }
}

export class ItemNotFoundError extends PlatformError {
  override readonly name = "ItemNotFoundError";
  constructor(id: string, param = "item_id") {
    super({
      code: "item_not_found",
      status: 404,
      message: `The conversation has no item "${id.slice(0, 128)}".`,
      messageTr: `Konuşmada "${id.slice(0, 128)}" adlı bir öğe yok.`,
      param,
    });
  }
}

export class ItemExistsError extends PlatformError {
  override readonly name = "ItemExistsError";
  constructor(id: string) {
    super({
      code: "item_exists",
      status: 409,
      message: `The conversation has an item "${id.slice(0, 128)}" already.`,
      messageTr: `Konuşmada "${id.slice(0, 128)}" adlı bir öğe zaten var.`,
      param: "item.id",
    });
  }
}

/** Only what we said can be cut, and not beyond its end. */
export class ItemNotTruncatableError extends PlatformError {
  override readonly name = "ItemNotTruncatableError";
  /** @param audioMs length of its audio; undefined: it has none */
  constructor(id: string, audioMs: number | undefined) {
    const short = id.slice(0, 128);
    super({
      code: "item_not_truncatable",
      status: 400,
      message:
        audioMs === undefined
          ? `The item "${short}" has no audio of ours.`
          : `The audio of the item "${short}" is ${audioMs} ms long; it cannot be cut after its end.`,
      messageTr:
        audioMs === undefined
          ? `"${short}" öğesinde bizim söylediğimiz bir ses yok.`
          : `"${short}" öğesinin sesi ${audioMs} ms; sonundan sonra kesilemez.`,
      param: audioMs === undefined ? "item_id" : "audio_end_ms",
    });
  }
}

/** Nothing has been said that a reply could answer. */
export class NothingToAnswerError extends PlatformError {
  override readonly name = "NothingToAnswerError";
  constructor() {
    super({
      code: "nothing_to_answer",
      status: 400,
      message: "The conversation holds nothing that was said by the user.",
      messageTr: "Konuşmada kullanıcının söylediği bir şey yok.",
    });
  }
}
