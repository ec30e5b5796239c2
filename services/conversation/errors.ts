import { PlatformError } from "../foundation/index.ts";

export class UnknownSectorError extends PlatformError {
  override readonly name = "UnknownSectorError";
  constructor(sector: string, known: readonly string[]) {
    super({
      code: "unknown_sector",
      status: 400,
      message: `There is no sector "${sector.slice(0, 64)}". Known sectors: ${known.join(", ")}.`,
      messageTr: `"${sector.slice(0, 64)}" adlı bir sektör yok. Sektörler: ${known.join(", ")}.`,
      param: "sector",
    });
  }
}

export class SectorNotAllowedError extends PlatformError {
  override readonly name = "SectorNotAllowedError";
  constructor(sector: string | null) {
    super({
      code: "sector_not_allowed",
      status: 403,
      message: `This API key may not use ${sector === null ? "this adapter" : `the sector "${sector}"`}.`,
      messageTr: `Bu API anahtarı ${sector === null ? "bu adaptörü" : `"${sector}" sektörünü`} kullanamaz.`,
      param: "sector",
    });
  }
}

export class EmptyMessageError extends PlatformError {
  override readonly name = "EmptyMessageError";
  constructor() {
    super({
      code: "empty_message",
      status: 400,
      message: "The message is empty.",
      messageTr: "İleti boş.",
      param: "message",
    });
  }
}

export class MessageTooLongError extends PlatformError {
  override readonly name = "MessageTooLongError";
  constructor(length: number, limit: number, param = "message") {
    super({
      code: "message_too_long",
      status: 413,
      message: `The message has ${length} characters; ${limit} are allowed.`,
      messageTr: `İleti ${length} karakter; en çok ${limit} karakter gönderilebilir.`,
      param,
    });
  }
}

export class TooManyMessagesError extends PlatformError {
  override readonly name = "TooManyMessagesError";
  constructor(count: number, limit: number) {
    super({
      code: "too_many_messages",
      status: 400,
      message: `The conversation has ${count} messages; ${limit} are allowed.`,
      messageTr: `Konuşmada ${count} ileti var; en çok ${limit} ileti gönderilebilir.`,
      param: "messages",
    });
  }
}

export class UnknownModelError extends PlatformError {
  override readonly name = "UnknownModelError";
  constructor(model: string) {
    super({
      code: "model_not_found",
      status: 404,
      message: `The model "${model.slice(0, 128)}" does not exist. Use "auto", a sector id, "sector@version", or the base model's id; see /v1/models.`,
      messageTr: `"${model.slice(0, 128)}" adlı bir model yok.`,
      param: "model",
    });
  }
}
