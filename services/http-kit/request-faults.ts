import { PlatformError } from "../foundation/index.ts";

interface Fault {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly {
    readonly instancePath?: string;
    readonly message?: string;
    readonly params?: Record<string, unknown>;
  }[];
  readonly validationContext?: string;
  readonly name?: string;
}

/** Whatever was thrown while serving a request, as an error with a name. What nobody foresaw tells the caller nothing. */
export function asPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  const fault = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Fault;
  if (fault.validation !== undefined) return invalidField(fault);
  return (
    known(fault) ??
    new PlatformError({
      code: "internal",
      status: 500,
      message: "Something went wrong on our side.",
      messageTr: "Bizim tarafımızda bir hata oluştu.",
      cause: thrown,
    })
  );
}

function invalidField(fault: Fault): PlatformError {
  const first = fault.validation?.[0];
  const missing = first?.params?.["requiredProperties"] ?? first?.params?.["missingProperty"];
  const inside = (first?.instancePath ?? "").split("/").slice(1);
  const name = Array.isArray(missing) ? String(missing[0]) : typeof missing === "string" ? missing : undefined;
  const param = [...inside, ...(name === undefined ? [] : [name])].join(".");
  const where = param === "" ? (fault.validationContext ?? "body") : param;
  return new PlatformError({
    code: "invalid_request",
    status: 400,
    message: `${where}: ${first?.message ?? "is not valid"}`,
    messageTr: `"${where}" alanı geçerli değil: ${first?.message ?? ""}`,
    param: where,
  });
}

function known(fault: Fault): PlatformError | undefined {
  switch (fault.code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new PlatformError({
        code: "unsupported_media_type",
        status: 415,
        message: "Send application/json.",
        messageTr: "İstek application/json olmalı.",
      });
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new PlatformError({
        code: "body_too_large",
        status: 413,
        message: "The body is too large.",
        messageTr: "Gövde çok büyük.",
      });
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return malformed();
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return malformed();
    default:
  }
  if (fault.name === "SyntaxError" && fault.statusCode === 400) return malformed();
  if (fault.statusCode === 429) {
    return new PlatformError({
      code: "rate_limit_exceeded",
      status: 429,
      message: "Too many requests.",
      messageTr: "Çok fazla istek gönderildi; lütfen biraz bekleyin.",
    });
  }
  if (fault.name === "TimeoutError") {
    return new PlatformError({
      code: "reply_timeout",
      status: 504,
      message: "The reply took too long.",
      messageTr: "Yanıt zamanında tamamlanamadı.",
    });
  }
  if (fault.name === "AbortError") {
    return new PlatformError({
      code: "request_aborted",
      status: 499,
      message: "The request ended before its reply.",
      messageTr: "İstek yanıttan önce sonlandı.",
    });
  }
  if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500) {
    return new PlatformError({
      code: "invalid_request",
      status: fault.statusCode,
      message: "The request cannot be served.",
      messageTr: "İstek karşılanamıyor.",
    });
  }
  return undefined;
}

function malformed(): PlatformError {
  return new PlatformError({
    code: "malformed_json",
    status: 400,
    message: "The body is not valid JSON.",
    messageTr: "Gövde geçerli JSON değil.",
  });
}
