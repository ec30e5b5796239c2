import { PlatformError } from "../foundation/index.ts";

/** Also for files of another key, and for those that have expired. */
export class FileNotFoundError extends PlatformError {
  override readonly name = "FileNotFoundError";
  constructor(param = "id") {
    super({
      code: "file_not_found",
      status: 404,
      message: "There is no such file, or it has expired.",
      messageTr: "Böyle bir dosya yok ya da süresi dolmuş.",
      param,
    });
  }
}

export class FileTooLargeError extends PlatformError {
  override readonly name = "FileTooLargeError";
  constructor(what: string, whatTr: string) {
    super({
      code: "file_too_large",
      status: 413,
      message: `The file is too large: ${what}.`,
      messageTr: `Dosya çok büyük: ${whatTr}.`,
      param: "file",
    });
  }
}

export class FileRefusedError extends PlatformError {
  override readonly name = "FileRefusedError";
  constructor(why: string, whyTr: string, param = "file") {
    super({
      code: "file_refused",
      status: 400,
      message: `The file cannot be used: ${why}.`,
      messageTr: `Dosya kullanılamaz: ${whyTr}.`,
      param,
    });
  }
}

export class TooManyFilesError extends PlatformError {
  override readonly name = "TooManyFilesError";
  constructor(limit: number) {
    super({
      code: "too_many_files",
      status: 409,
      message: `This key has ${limit} files already; delete some first.`,
      messageTr: `Bu anahtarın zaten ${limit} dosyası var; önce bazılarını silin.`,
      param: "file",
    });
  }
}

export class FileInUseError extends PlatformError {
  override readonly name = "FileInUseError";
  constructor() {
    super({
      code: "file_in_use",
      status: 409,
      message: "A batch works on this file; wait for its end, or cancel it.",
      messageTr: "Bu dosya üzerinde bir toplu iş çalışıyor; bitmesini bekleyin ya da iptal edin.",
      param: "id",
    });
  }
}

/** @param retryAfterS until the oldest of the lines that count are a day old */
export class TooManyBatchLinesError extends PlatformError {
  override readonly name = "TooManyBatchLinesError";
  constructor(limit: number, retryAfterS: number) {
    super({
      code: "too_many_batch_lines",
      status: 429,
      message: `Batches of one key may have ${limit} lines in 24 hours; with this file there would be more.`,
      messageTr: `Bir anahtarın toplu işleri 24 saatte en çok ${limit} satır olabilir; bu dosyayla aşılıyor.`,
      retryAfterS,
      param: "input_file_id",
    });
  }
}

/** Also for batches of another key. */
export class BatchNotFoundError extends PlatformError {
  override readonly name = "BatchNotFoundError";
  constructor() {
    super({
      code: "batch_not_found",
      status: 404,
      message: "There is no such batch.",
      messageTr: "Böyle bir toplu iş yok.",
      param: "id",
    });
  }
}

export class TooManyBatchesError extends PlatformError {
  override readonly name = "TooManyBatchesError";
  constructor(limit: number) {
    super({
      code: "too_many_batches",
      status: 429,
      message: `${limit} batches of this key have not ended yet; wait for one, or cancel one.`,
      messageTr: `Bu anahtarın ${limit} toplu işi henüz bitmedi; birini bekleyin ya da iptal edin.`,
      retryAfterS: 60,
    });
  }
}
