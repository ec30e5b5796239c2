import { PlatformError } from "../foundation/index.ts";

/** The server ends before the reply does. */
export class ShuttingDownError extends PlatformError {
  override readonly name = "ShuttingDownError";
  constructor() {
    super({
      code: "shutting_down",
      status: 503,
      message: "The server is ending; ask another, or again in a moment.",
      messageTr: "Sunucu kapanıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 2,
    });
  }
}

export class TooManyWatchersError extends PlatformError {
  override readonly name = "TooManyWatchersError";
  constructor(max: number) {
    super({
      code: "too_many_watchers",
      status: 429,
      message: `At most ${max} watch this server's health at the same time; use Check.`,
      messageTr: `Sunucunun durumunu aynı anda en çok ${max} istemci izleyebilir; Check kullanın.`,
      retryAfterS: 5,
    });
  }
}

/** Asked of the health service. */
export class UnknownServiceError extends PlatformError {
  override readonly name = "UnknownServiceError";
  constructor() {
    super({
      code: "service_not_found",
      status: 404,
      message: "There is no such gRPC service here; reflection lists those there are.",
      messageTr: "Burada böyle bir gRPC hizmeti yok; olanları yansıtma (reflection) listeler.",
      param: "service",
    });
  }
}

/** Certificates that cannot be served with; found before anything listens. */
export class GrpcTlsError extends PlatformError {
  override readonly name = "GrpcTlsError";
  constructor(detail: { readonly en: string; readonly tr: string }, cause?: unknown) {
    super({
      code: "grpc_tls_invalid",
      status: 500,
      message: `The gRPC server's certificates cannot be used: ${detail.en}`,
      messageTr: `gRPC sunucusunun sertifikaları kullanılamıyor: ${detail.tr}`,
      cause,
    });
  }
}
