import { PlatformError } from "../foundation/index.ts";

/** The engine broke while working on a request, or answered in a way nobody can read. Trying again may help; changing the request will not. */
export class EngineFailedError extends PlatformError {
  override readonly name = "EngineFailedError";
  constructor(detail: string, cause?: unknown) {
    super({
      code: "engine_failed",
      status: 502,
      message: `The engine failed: ${detail}.`,
      messageTr: "Model hizmeti bu isteği işlerken hata verdi; lütfen yeniden deneyin.",
      cause,
    });
  }
}

/** The engine does not accept our token. The caller can do nothing about it, and must not think it is about their own key. */
export class EngineDeniedError extends PlatformError {
  override readonly name = "EngineDeniedError";
  constructor() {
    super({
      code: "engine_denied",
      status: 502,
      message: "The engine refuses the platform's credentials.",
      messageTr: "Model hizmeti platformun kimlik bilgilerini kabul etmiyor.",
    });
  }
}
