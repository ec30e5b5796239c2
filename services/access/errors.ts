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

/** Too many requests in a window. */
export class RateLimitError extends PlatformError {
  override readonly name = "RateLimitError";
  /** The rule that was broken, such as `user_hour`. */
  readonly rule: string;
  constructor(rule: { readonly name: string; readonly max: number }, words: LimitWords, retryAfterS: number) {
    super({
      code: "rate_limit_exceeded",
      status: 429,
      message: `Too many requests: at most ${rule.max} ${words.en}. Try again in ${retryAfterS} s.`,
      messageTr: `Çok fazla istek gönderildi: ${words.tr} en çok ${rule.max}. ${retryAfterS} saniye sonra yeniden deneyin.`,
      retryAfterS,
    });
    this.rule = rule.name;
  }
}

/** Whose requests and in what time, in both languages. */
export interface LimitWords {
  readonly en: string;
  readonly tr: string;
}

/** Too many calls that wait for a job. */
export class TooManyWaitsError extends PlatformError {
  override readonly name = "TooManyWaitsError";
  constructor(max: number) {
    super({
      code: "too_many_waits",
      status: 429,
      message: `${max} calls wait for jobs already; ask again when one of them has its answer.`,
      messageTr: `Zaten ${max} çağrı işlerin bitmesini bekliyor; biri yanıtını alınca yeniden deneyin.`,
      retryAfterS: 1,
    });
  }
}

export class TooManyStreamsError extends PlatformError {
  override readonly name = "TooManyStreamsError";
  constructor(max: number, retryAfterS = 1) {
    super({
      code: "too_many_streams",
      status: 429,
      message: `At most ${max} replies at the same time; wait for one to end.`,
      messageTr: `Aynı anda en çok ${max} yanıt alınabilir; birinin bitmesini bekleyin.`,
      retryAfterS,
    });
  }
}

export class LimitsUnavailableError extends PlatformError {
  override readonly name = "LimitsUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "limits_unavailable",
      status: 503,
      message: "Requests cannot be counted at the moment.",
      messageTr: "İstekler şu anda sayılamıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 2,
      cause,
    });
  }
}
