import { PlatformError } from "../foundation/index.ts";
import type { Scope } from "./scopes.ts";

export class InvalidApiKeyError extends PlatformError {
  override readonly name = "InvalidApiKeyError";
  constructor() {
    super({
      code: "invalid_api_key",
      status: 401,
      message: "A valid API key is needed: Authorization: Bearer <key>.",
      messageTr: "Geçerli bir API anahtarı gerekiyor: Authorization: Bearer <anahtar>.",
    });
  }
}

export class ScopeMissingError extends PlatformError {
  override readonly name = "ScopeMissingError";
  constructor(scope: Scope) {
    super({
      code: "scope_missing",
      status: 403,
      message: `This API key has no scope "${scope}".`,
      messageTr: `Bu API anahtarının "${scope}" yetkisi yok.`,
    });
  }
}

export class ApiKeyNotFoundError extends PlatformError {
  override readonly name = "ApiKeyNotFoundError";
  constructor() {
    super({
      code: "api_key_not_found",
      status: 404,
      message: "There is no such API key, or it was revoked.",
      messageTr: "Böyle bir API anahtarı yok ya da iptal edilmiş.",
      param: "id",
    });
  }
}

/** Too many keys that this process has not seen yet wait for their check. */
export class KeyCheckBusyError extends PlatformError {
  override readonly name = "KeyCheckBusyError";
  constructor() {
    super({
      code: "key_check_busy",
      status: 503,
      message: "Too many API keys wait to be checked at the moment.",
      messageTr: "Şu anda çok fazla API anahtarı denetleniyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 2,
    });
  }
}
