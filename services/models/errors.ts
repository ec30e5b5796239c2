import { PlatformError } from "../foundation/index.ts";

/** Part of a sentence, in both languages. */
export interface Reason {
  readonly en: string;
  readonly tr: string;
}

/** The setting itself cannot be read as a path, a URL or `hf:…`. */
export class InvalidModelSourceError extends PlatformError {
  override readonly name = "InvalidModelSourceError";
  constructor(source: string) {
    super({
      code: "invalid_model_source",
      status: 400,
      message: `"${source}" is no model source. Use a GGUF path, an http(s) URL, hf:owner/repository/file.gguf or hf:owner/repository:QUANT.`,
      messageTr: `"${source}" bir model kaynağı değil. GGUF dosya yolu, http(s) adresi, hf:sahip/depo/dosya.gguf ya da hf:sahip/depo:NICELEME yazın.`,
      param: "model.source",
    });
  }
}

/** Nothing is there: no such file on disk, or the server answered 404 or 410. */
export class ModelNotFoundError extends PlatformError {
  override readonly name = "ModelNotFoundError";
  constructor(what: string, detail?: Reason) {
    super({
      code: "model_file_not_found",
      status: 404,
      message: `No model file at ${what}.${detail === undefined ? "" : ` ${detail.en}`}`,
      messageTr: `Model dosyası bulunamadı: ${what}.${detail === undefined ? "" : ` ${detail.tr}`}`,
      param: "model.source",
    });
  }
}

/** The server wants a token, or a better one. Hubs also answer so for repositories that do not exist. */
export class ModelAccessError extends PlatformError {
  override readonly name = "ModelAccessError";
  constructor(what: string, status: number) {
    super({
      code: "model_access_denied",
      status: 403,
      message: `Access to ${what} was refused (${status}). Check the name, accept the model's terms, and set HF_TOKEN.`,
      messageTr: `${what} için erişim reddedildi (${status}). Adı denetleyin, modelin koşullarını kabul edin ve HF_TOKEN değişkenini verin.`,
      param: "model.source",
    });
  }
}

/** The download did not get through; what has arrived is kept and the next try goes on from there. */
export class ModelDownloadError extends PlatformError {
  override readonly name = "ModelDownloadError";
  constructor(what: string, reason: Reason, cause?: unknown) {
    super({
      code: "model_download_failed",
      status: 502,
      message: `Downloading ${what} failed: ${reason.en}.`,
      messageTr: `${what} indirilemedi: ${reason.tr}.`,
      cause,
    });
  }
}

/** The bytes are not the promised ones. A downloaded file is removed; a file of the user's own is left alone. */
export class ModelChecksumError extends PlatformError {
  override readonly name = "ModelChecksumError";
  readonly expected: string;
  readonly actual: string;
  constructor(what: string, expected: string, actual: string) {
    super({
      code: "model_checksum_mismatch",
      status: 502,
      message: `${what} has SHA-256 ${actual}, expected ${expected}.`,
      messageTr: `${what} dosyasının SHA-256 özeti ${actual}; beklenen ${expected}.`,
      param: "model.sha256",
    });
    this.expected = expected;
    this.actual = actual;
  }
}

export class ModelDiskFullError extends PlatformError {
  override readonly name = "ModelDiskFullError";
  constructor(what: string, missingBytes: number | undefined, cause?: unknown) {
    const mebibytes = missingBytes === undefined ? undefined : Math.ceil(missingBytes / 1_048_576);
    super({
      code: "model_disk_full",
      status: 507,
      message: `No room for ${what} in the model cache${mebibytes === undefined ? "" : `: ${mebibytes} MiB more are needed`}.`,
      messageTr: `Model önbelleğinde ${what} için yer yok${mebibytes === undefined ? "" : `: ${mebibytes} MiB daha gerekli`}.`,
      param: "model.cacheFolder",
      cause,
    });
  }
}

/** Something came, but not a model of the format that was wanted: a sign-in page, an LFS pointer, a listing. */
export class ModelNotGgufError extends PlatformError {
  override readonly name = "ModelNotGgufError";
  constructor(what: string, format = "GGUF") {
    super({
      code: "model_not_gguf",
      status: 502,
      message: `What ${what} delivered is not a ${format} file.`,
      messageTr: `${what} adresinden gelen dosya ${format} değil.`,
      param: "model.source",
    });
  }
}
