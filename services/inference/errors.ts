import { PlatformError } from "../foundation/index.ts";

export class AdapterNotFoundError extends PlatformError {
  override readonly name = "AdapterNotFoundError";
  readonly adapterId: string;
  constructor(adapterId: string) {
    super({
      code: "adapter_not_found",
      status: 404,
      message: `No adapter named "${adapterId}" is available for the loaded base model.`,
      messageTr: `Yüklü temel model için "${adapterId}" adlı bir adaptör yok.`,
      param: "model",
    });
    this.adapterId = adapterId;
  }
}

/** Ids are immutable; other weights need another version, or an explicit replacement. */
export class AdapterAlreadyLoadedError extends PlatformError {
  override readonly name = "AdapterAlreadyLoadedError";
  constructor(adapterId: string) {
    super({
      code: "adapter_already_loaded",
      status: 400,
      message: `The lora adapter '${adapterId}' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True.`,
      messageTr: `"${adapterId}" adaptörü zaten yüklü.`,
      param: "lora_name",
    });
  }
}

export type AdapterRejection =
  | "not_a_gguf"
  | "truncated"
  | "not_an_adapter"
  | "wrong_architecture"
  | "wrong_base"
  | "zero_effect"
  | "unsupported_rank"
  | "checksum_mismatch"
  | "outside_folder"
  | "not_found"
  | "refused_by_engine";

/** The file was looked at and will not be served; whatever served before goes on. */
export class AdapterRejectedError extends PlatformError {
  override readonly name = "AdapterRejectedError";
  readonly reason: AdapterRejection;
  constructor(adapterId: string, reason: AdapterRejection, detail: string, cause?: unknown) {
    super({
      code: `adapter_${reason}`,
      status: reason === "not_found" ? 404 : 400,
      message: `Adapter "${adapterId}" was refused: ${detail}`,
      messageTr: `"${adapterId}" adaptörü reddedildi: ${detail}`,
      param: "lora_path",
      cause,
    });
    this.reason = reason;
  }
}

export class BaseModelRejectedError extends PlatformError {
  override readonly name = "BaseModelRejectedError";
  constructor(detail: string, cause?: unknown) {
    super({
      code: "base_model_rejected",
      status: 500,
      message: `The base model cannot be loaded: ${detail}`,
      messageTr: `Temel model yüklenemiyor: ${detail}`,
      cause,
    });
  }
}

export class ContextOverflowError extends PlatformError {
  override readonly name = "ContextOverflowError";
  constructor(promptTokens: number, contextSize: number) {
    super({
      code: "context_length_exceeded",
      status: 400,
      message: `This model's maximum context length is ${contextSize} tokens; the messages hold ${promptTokens}.`,
      messageTr: `Modelin bağlam sınırı ${contextSize} belirteç; iletiler ${promptTokens} belirteç tutuyor.`,
      param: "messages",
    });
  }
}

export class EngineSaturatedError extends PlatformError {
  override readonly name = "EngineSaturatedError";
  constructor(retryAfterS: number, detail = "every place is taken and the queue is full") {
    super({
      code: "engine_saturated",
      status: 503,
      message: `The engine is busy: ${detail}.`,
      messageTr: "Model şu anda yoğun; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
    });
  }
}

export class EngineUnavailableError extends PlatformError {
  override readonly name = "EngineUnavailableError";
  constructor(retryAfterS: number, cause?: unknown) {
    super({
      code: "engine_unavailable",
      status: 503,
      message: "The engine is down or starting.",
      messageTr: "Model hizmeti şu anda kapalı ya da açılıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
      cause,
    });
  }
}

/** The settings pin more adapters than may be in memory at the same time. */
export class TooManyPinnedError extends PlatformError {
  override readonly name = "TooManyPinnedError";
  constructor(pinned: number, places: number) {
    super({
      code: "pins_exceed_memory",
      status: 500,
      message: `inference.pinned (SEKTOR_PINNED) names ${pinned} adapters; ${places} fit at once.`,
      messageTr: `inference.pinned (SEKTOR_PINNED) ${pinned} adaptör sayıyor; aynı anda ${places} adaptör sığar.`,
    });
  }
}

/** There is no memory for another context, and no adapter that nobody uses could give way. */
export class EngineMemoryError extends PlatformError {
  override readonly name = "EngineMemoryError";
  constructor(retryAfterS: number, cause?: unknown) {
    super({
      code: "engine_memory_full",
      status: 503,
      message: "The engine has no memory for another context.",
      messageTr: "Model hizmetinin belleği dolu; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
      cause,
    });
  }
}

export class UnsupportedFeatureError extends PlatformError {
  override readonly name = "UnsupportedFeatureError";
  constructor(feature: string, param: string) {
    super({
      code: "unsupported_feature",
      status: 400,
      message: `${feature} is not supported by the engine in use.`,
      messageTr: `${feature} bu motorda desteklenmiyor.`,
      param,
    });
  }
}

/** The engine said no, in its own words, to something the caller can change. */
export class EngineRefusedError extends PlatformError {
  override readonly name = "EngineRefusedError";
}

/** How much memory a model takes cannot be told from its file. */
export class ModelShapeUnknownError extends PlatformError {
  override readonly name = "ModelShapeUnknownError";
  constructor(reason: string, cause?: unknown) {
    super({
      code: "model_shape_unknown",
      status: 422,
      message: `The model's size cannot be told from this file: ${reason}.`,
      messageTr: `Modelin boyutları bu dosyadan okunamıyor: ${reason}.`,
      cause,
    });
  }
}
