import { PlatformError } from "../foundation/index.ts";

export class InvalidSessionIdError extends PlatformError {
  override readonly name = "InvalidSessionIdError";
  constructor() {
    super({
      code: "invalid_session_id",
      status: 400,
      message: "A session id has 1 to 128 characters out of A-Z, a-z, 0-9 and . _ : -",
      messageTr: "Oturum kimliği 1–128 karakter olmalı; yalnızca A-Z, a-z, 0-9 ve . _ : - kullanılabilir.",
      param: "session_id",
    });
  }
}

/** There is none, or it is another key's: to a caller that is the same. */
export class SessionNotFoundError extends PlatformError {
  override readonly name = "SessionNotFoundError";
  constructor() {
    super({
      code: "session_not_found",
      status: 404,
      message: "There is no such session.",
      messageTr: "Böyle bir konuşma yok.",
      param: "session_id",
    });
  }
}

export class SessionBusyError extends PlatformError {
  override readonly name = "SessionBusyError";
  constructor(retryAfterS = 2) {
    super({
      code: "session_busy",
      status: 409,
      message: "The session's previous message is still being answered.",
      messageTr: "Bu oturumdaki önceki ileti hâlâ yanıtlanıyor; lütfen bitmesini bekleyin.",
      param: "session_id",
      retryAfterS,
    });
  }
}

export class SessionsUnavailableError extends PlatformError {
  override readonly name = "SessionsUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "sessions_unavailable",
      status: 503,
      message: "Conversations cannot be read or kept at the moment.",
      messageTr: "Konuşmalar şu anda okunamıyor ya da saklanamıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 2,
      cause,
    });
  }
}
