import { PlatformError } from "../../foundation/index.ts";

export class UpgradeRequiredError extends PlatformError {
  override readonly name = "UpgradeRequiredError";
  constructor() {
    super({
      code: "upgrade_required",
      status: 426,
      message: "This address speaks WebSocket: connect to it with ws:// or wss://.",
      messageTr: "Bu adreste WebSocket konuşulur: ws:// ya da wss:// ile bağlanın.",
    });
  }
}

/** A page of another website tries to speak in its visitor's name. */
export class OriginRefusedError extends PlatformError {
  override readonly name = "OriginRefusedError";
  constructor() {
    super({
      code: "origin_refused",
      status: 403,
      message: "Pages of this origin may not connect; the setting http.corsOrigins lists those that may.",
      messageTr: "Bu kaynaktaki sayfalar bağlanamaz; izin verilenler http.corsOrigins ayarındadır.",
    });
  }
}

/** Calls over telephone or WebRTC, which a second connection could steer elsewhere. */
export class CallsUnsupportedError extends PlatformError {
  override readonly name = "CallsUnsupportedError";
  constructor() {
    super({
      code: "calls_unsupported",
      status: 400,
      message: "There are no calls to join here: leave call_id out and name a model.",
      messageTr: "Burada katılınacak çağrı yok: call_id göndermeyin, model belirtin.",
      param: "call_id",
    });
  }
}

export class VoiceSessionsFullError extends PlatformError {
  override readonly name = "VoiceSessionsFullError";
  constructor() {
    super({
      code: "voice_sessions_full",
      status: 503,
      message: "All voice sessions of this server are taken.",
      messageTr: "Bu sunucudaki bütün sesli oturumlar dolu; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 5,
    });
  }
}

export class TooManyVoiceSessionsError extends PlatformError {
  override readonly name = "TooManyVoiceSessionsError";
  constructor(max: number) {
    super({
      code: "too_many_voice_sessions",
      status: 429,
      message: `At most ${max} voice sessions of one key at the same time; end one first.`,
      messageTr: `Bir anahtarla aynı anda en çok ${max} sesli oturum açılabilir; önce birini kapatın.`,
      retryAfterS: 5,
    });
  }
}

/** A session has lasted as long as it may. */
export class SessionExpiredError extends PlatformError {
  override readonly name = "SessionExpiredError";
  constructor(maxS: number) {
    super({
      code: "session_expired",
      status: 408,
      message: `The session has reached its limit of ${maxS} s; open another, with x_session_id to go on.`,
      messageTr: `Oturum ${maxS} saniyelik sınırına ulaştı; sürdürmek için x_session_id ile yenisini açın.`,
    });
  }
}

/** Bytes where the protocol has text. */
export class UnexpectedBinaryError extends PlatformError {
  override readonly name = "UnexpectedBinaryError";
  constructor() {
    super({
      code: "unexpected_binary",
      status: 400,
      message: "Events are JSON text. To send audio as binary messages, connect with ?mode=simple.",
      messageTr: "Olaylar JSON metnidir. Sesi ikili iletilerle göndermek için ?mode=simple ile bağlanın.",
    });
  }
}
